// Layer norm, token shift and the mixes of it that projections read.
#pragma once

// Mean and 1 / deviation over C numbers, from a block.
struct Statistics { float mean, scale; };

template <class Read>
DEVICE Statistics statistics_of(Read read, int count, float epsilon)
{
    float sum = 0;
    for (int c = thread(); c < count; c += THREADS)
    {
        sum += read(c);
    }

    float mean = sum_over_block(sum) / count, squares = 0;
    for (int c = thread(); c < count; c += THREADS)
    {
        float centred = read(c) - mean;
        squares = fma(centred, centred, squares);
    }

    return {mean, 1 / square_root(sum_over_block(squares) / count + epsilon)};
}

DEVICE float normed(float x, Statistics s, float weight, float bias) { return fma((x - s.mean) * s.scale, weight, bias); }

struct NormMix
{
    const float* x;             // [B, stride]
    const float* weight;        // [C]
    const float* bias;          // [C]
    float* before;              // x(t-1) of slot 0, a row of this layer's state; null: no token shift
    const int* slots;           // [B]
    float* normed;              // [B, stride], or null
    float* shifted;             // x(t-1) - x(t) [B, stride], or null
    const float* mix[6];        // [C] each
    float* mixed[6];            // [B, stride] each
    long long slotStride;       // numbers from a slot's state to the next one's
    int mixes, width, stride;
    float epsilon;
};

// h = norm(x), d = h(t-1) - h(t), mixed = h + d mix, and h takes the place of h(t-1). Grid: (slices of THREADS channels, B).
// Bound by latency: a few vectors of C numbers. Every slice computes the statistics anew, which costs less than a launch between.
KERNEL(norm_mix, NormMix)
{
    const float* x = a.x + (long long)block_y() * a.stride;
    Statistics s = statistics_of([=](int c) { return x[c]; }, a.width, a.epsilon);

    int c = block_x() * THREADS + thread();
    if (c >= a.width)
    {
        return;
    }

    long long at = (long long)block_y() * a.stride + c;
    float h = normed(x[c], s, a.weight[c], a.bias[c]);
    if (a.normed)
    {
        a.normed[at] = h;
    }

    if (a.before)
    {
        float* before = a.before + a.slots[block_y()] * a.slotStride + c;
        float d = *before - h;
        *before = h;
        if (a.shifted)
        {
            a.shifted[at] = d;
        }

        for (int i = 0; i < a.mixes; i++)
        {
            a.mixed[i][at] = fma(d, a.mix[i][c], h);
        }
    }
}

struct Embed
{
    const void* table;          // [V, C] in its format
    const int* tokens;          // [B]
    const float* weight;        // ln0 [C]
    const float* bias;          // [C]
    float* x;                   // [B, stride]
    int format, width, stride;
    float epsilon;
};

DEVICE float element(const void* table, int format, long long i)
{
    if (format == FLOAT32)
    {
        return static_cast<const float*>(table)[i];
    }

    unsigned bits = static_cast<const unsigned short*>(table)[i];
    return format == BFLOAT16 ? as_float(bits << 16) : from_half(bits);
}

// x = ln0(embedding of the token). Grid: (slices of THREADS channels, B). Bound by latency. The table lies on the device, so that a token chosen there is
// read there: a step needs no host.
KERNEL(embed, Embed)
{
    long long row = (long long)a.tokens[block_y()] * a.width;
    Statistics s = statistics_of([=](int c) { return element(a.table, a.format, row + c); }, a.width, a.epsilon);

    int c = block_x() * THREADS + thread();
    if (c < a.width)
    {
        a.x[(long long)block_y() * a.stride + c] = normed(element(a.table, a.format, row + c), s, a.weight[c], a.bias[c]);
    }
}
