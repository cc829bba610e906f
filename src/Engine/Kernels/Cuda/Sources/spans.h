// The recurrences over many positions of a prompt: r, k, v and the rest come from matrix products over all of them.
#pragma once

struct SpanOfPositions
{
    const float *r, *logDecay, *k, *v;      // [B, T, H, N] behind each other
    const float *a, *b;                     // RWKV-7: [B, T, H, N]. RWKV-6: a is the bonus [H, N], b nothing
    float* y;                               // [B, T, H, N]
    float* state;                           // of slot 0 and head 0: [H, N, N]
    const int* slots;                       // [B]
    long long slotStride;
    int positions, heads, size;             // T, H, N
};

// RWKV-6, one value channel: its key channels over 16 lanes. y = r (S + diag(u) k v^T), S = diag(w) S + k v^T. Gives y.
DEVICE float advance_column(Float4 (&s)[ROW_PARTS], const float* r, const float* w, const float* k, const float* u, float v, int size)
{
    float y = 0;
    UNROLL for (int part = 0; part < ROW_PARTS; part++)
    {
        UNROLL for (int i = 0; i < 4; i++)
        {
            int key = thread() % ROW_LANES * 4 + part * 4 * ROW_LANES + i;
            if (key < size)
            {
                float added = k[key] * v;
                y = fma(r[key], fma(u[key], added, s[part][i]), y);
                s[part][i] = fma(w[key], s[part][i], added);
            }
        }
    }

    return sum_over<ROW_LANES>(y);
}

// Several positions' vectors of one head into shared memory at once: the wait for memory is paid once for all of them.
constexpr int SPAN_POSITIONS = 16, SPAN_VECTORS = 6;

template <bool IS_7>
DEVICE void span(const SpanOfPositions& a)
{
    int size = a.size, head = block_x() * size, width = a.heads * size;
    int channel = block_z() * ROWS_AT_ONCE + thread() / ROW_LANES, inside = channel < size ? channel : size - 1;
    long long first = (long long)block_y() * a.positions * width + head;
    float* state = a.state + a.slots[block_y()] * a.slotStride + (long long)head * size;
    const float* vectors[SPAN_VECTORS] = {a.r, a.logDecay, a.k, a.v, a.a, a.b};
    constexpr int USED = IS_7 ? SPAN_VECTORS : SPAN_VECTORS - 2;
    float* shared = shared_memory<float>();     // [SPAN_POSITIONS, SPAN_VECTORS, N]
    float* bonus = shared + USED * size;        // RWKV-6, which leaves room there. [N]

    // A value channel's part of the state stays in the registers of 16 lanes. RWKV-7 keeps it as a row, RWKV-6 as a column.
    Float4 s[ROW_PARTS] = {};
    if constexpr (IS_7)
    {
        read_state_row(s, state + (long long)inside * size, size);
    }
    else
    {
        UNROLL for (int i = 0; i < 4 * ROW_PARTS; i++)
        {
            int key = thread() % ROW_LANES * 4 + i / 4 * 4 * ROW_LANES + i % 4;
            s[i / 4][i % 4] = key < size ? state[(long long)key * size + inside] : 0;
        }

        for (int c = thread(); c < size; c += THREADS)
        {
            bonus[c] = a.a[head + c];
        }
    }

    for (int start = 0; start < a.positions; start += SPAN_POSITIONS)
    {
        int count = a.positions - start < SPAN_POSITIONS ? a.positions - start : SPAN_POSITIONS;
        barrier();
        UNROLL for (int vector = 0; vector < USED; vector++)
        {
            for (int i = thread(); i < count * size; i += THREADS)
            {
                float x = vectors[vector][first + (long long)(start + i / size) * width + i % size];
                shared[(i / size * SPAN_VECTORS + vector) * size + i % size] = vector == 1 ? exponential(x) : x;
            }
        }

        barrier();
        for (int t = 0; t < count; t++)
        {
            const float* r = shared + t * SPAN_VECTORS * size;
            const float *w = r + size, *k = w + size, *v = k + size, *away = v + size, *back = away + size;
            float y = IS_7 ? advance_row(s, {r, w, k, v, away, back}, v[inside], size) : advance_column(s, r, w, k, bonus, v[inside], size);
            if (channel < size && thread() % ROW_LANES == 0)
            {
                a.y[first + (long long)(start + t) * width + channel] = y;
            }
        }
    }

    if (channel >= size)
    {
        return;
    }

    if constexpr (IS_7)
    {
        write_state_row(s, state + (long long)channel * size, size);
    }
    else
    {
        UNROLL for (int i = 0; i < 4 * ROW_PARTS; i++)
        {
            int key = thread() % ROW_LANES * 4 + i / 4 * 4 * ROW_LANES + i % 4;
            if (key < size)
            {
                state[(long long)key * size + channel] = s[i / 4][i % 4];
            }
        }
    }
}

// Grid: (H, B, N / 16); shared: 16 6 N numbers. Bound by latency: T steps of two sums over 16 lanes, in as many blocks as value channels can be divided among, for
// they do not depend on each other. A span cut into pieces gives the same bits.
KERNEL(span_7, SpanOfPositions) { span<true>(a); }
KERNEL(span_6, SpanOfPositions) { span<false>(a); }
