// RWKV-6: the mixes that depend on the input, and from r, k, v to what the output matrix reads.
#pragma once

struct Mix6
{
    Thin pairs[5];              // time_maa_w2's parts: w, k, v, r, g
    const float* mix[5];        // [C]
    float* mixed[5];            // [B, stride]
    const float *normed, *shifted;   // h and d [B, stride]
    int width, stride;
};

template <int COLUMNS>
DEVICE void mix6(const Mix6& a)
{
    int c = block_x() * THIN_ROWS + thread() / THIN_LANES, inside = c < a.width ? c : a.width - 1, position = block_y() * COLUMNS;
    for (int i = 0; i < 5; i++)
    {
        float sums[COLUMNS];
        thin_product<COLUMNS>(a.pairs[i], inside, position, sums);
        if (c < a.width && lane() % THIN_LANES == 0)
        {
            UNROLL for (int column = 0; column < COLUMNS; column++)
            {
                long long at = (long long)(position + column) * a.stride + c;
                a.mixed[i][at] = fma(a.shifted[at], a.mix[i][c] + sums[column], a.normed[at]);
            }
        }
    }
}

// mixed = h + d (mix + pair's second half). Grid: (groups of 32 channels, B / COLUMNS). Bound by latency, then by reading the pairs.
KERNEL(mix6_1, Mix6) { mix6<1>(a); }
KERNEL(mix6_4, Mix6) { mix6<4>(a); }

struct Heads6
{
    Thin decayRank;
    const float *decay, *bonus;              // time_decay, time_faaaa [C]
    const float *normWeight, *normBias;      // ln_x [C]
    const float *r, *k, *v, *gate;           // [B, stride]
    float* y;                                // [B, stride]
    float* state;                            // of this layer and slot 0, head 0: [H, N, N], row = key channel
    const int* slots;                        // [B]
    long long slotStride;
    int size, stride;
    float epsilon;
};

template <int COLUMNS>
DEVICE void heads6(const Heads6& a)
{
    int size = a.size, head = block_x() * size, firstPosition = block_y() * COLUMNS;
    float* thin = shared_memory<float>();    // [COLUMNS, N]
    float* r = thin + COLUMNS * size;
    float *w = r + size, *k = w + size, *u = k + size, *v = u + size, *o = v + size, *parts = o + size;   // parts: [ROWS_AT_ONCE, N]

    prefetch_rows(a.decayRank, head, size);
    for (int column = 0; column < COLUMNS; column++)
    {
        prefetch_all(a.state + a.slots[firstPosition + column] * a.slotStride + (long long)head * size, (long long)size * size * sizeof(float));
    }

    for (int c = thread() / THIN_LANES; c < size; c += THIN_ROWS)
    {
        float sums[COLUMNS];
        thin_product<COLUMNS>(a.decayRank, head + c, firstPosition, sums);
        UNROLL for (int column = 0; column < COLUMNS; column++)
        {
            if (lane() % THIN_LANES == 0)
            {
                thin[column * size + c] = sums[column];
            }
        }
    }

    barrier();
    for (int column = 0; column < COLUMNS; column++)
    {
        int position = firstPosition + column, c = thread(), channel = head + c;
        long long at = (long long)position * a.stride + channel;
        if (c < size)
        {
            r[c] = a.r[at];
            w[c] = exponential(-exponential(a.decay[channel] + thin[column * size + c]));
            k[c] = a.k[at];
            u[c] = a.bonus[channel];
            v[c] = a.v[at];
        }

        barrier();

        // y = r (S + diag(u) k v^T), S = diag(w) S + k v^T: 16 key channels at once, the value channels of each over 16 lanes.
        float* state = a.state + a.slots[position] * a.slotStride + (long long)head * size;
        Float4 y[ROW_PARTS] = {};
        for (int key = thread() / ROW_LANES; key < size; key += ROWS_AT_ONCE)
        {
            Float4 s[ROW_PARTS];
            read_state_row(s, state + (long long)key * size, size);
            UNROLL for (int part = 0; part < ROW_PARTS; part++)
            {
                UNROLL for (int i = 0; i < 4; i++)
                {
                    int value = thread() % ROW_LANES * 4 + part * 4 * ROW_LANES + i;
                    if (value < size)
                    {
                        float added = k[key] * v[value];
                        y[part][i] = fma(r[key], fma(u[key], added, s[part][i]), y[part][i]);
                        s[part][i] = fma(w[key], s[part][i], added);
                    }
                }
            }

            write_state_row(s, state + (long long)key * size, size);
        }

        write_state_row(y, parts + thread() / ROW_LANES * size, size);
        barrier();
        if (c < size)
        {
            float sum = parts[c];
            for (int i = 1; i < ROWS_AT_ONCE; i++)
            {
                sum += parts[i * size + c];
            }

            o[c] = sum;
        }

        barrier();
        Statistics s = statistics_of([=](int i) { return o[i]; }, size, a.epsilon);
        if (c < size)
        {
            a.y[at] = a.gate[at] * normed(o[c], s, a.normWeight[channel], a.normBias[channel]);
        }
    }
}

// Decay, the recurrence, group norm and gate. Grid: (H, B / COLUMNS); shared: (COLUMNS + 6 + 16) N numbers. Bound as heads7 is.
KERNEL(heads6_1, Heads6) { heads6<1>(a); }
KERNEL(heads6_4, Heads6) { heads6<4>(a); }
