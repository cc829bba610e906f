// RWKV-7 from r, k, v to what the output matrix reads.
#pragma once

// Most channels of a head; a multiple of four.
constexpr int MOST_HEAD = 128;

// Lanes that share a row of a head's state, four numbers each and as many again where a head is larger than 64.
constexpr int ROW_LANES = 16, ROW_PARTS = MOST_HEAD / (4 * ROW_LANES), ROWS_AT_ONCE = THREADS / ROW_LANES;

// One head's inputs of the recurrence, for one position. [N] each.
struct Head7 { const float *r, *w, *k, *v, *a, *b; };

// S = S (diag(w) + a b^T) + v k^T, y = S r, for one row: a value channel, its key channels over 16 lanes. Gives y.
DEVICE float advance_row(Float4 (&s)[ROW_PARTS], const Head7& head, float v, int size)
{
    int first = thread() % ROW_LANES * 4;
    float removed = 0, y = 0;
    UNROLL for (int part = 0; part < ROW_PARTS; part++)
    {
        UNROLL for (int i = 0; i < 4; i++)
        {
            int key = first + part * 4 * ROW_LANES + i;
            removed = key < size ? fma(s[part][i], head.a[key], removed) : removed;
        }
    }

    removed = sum_over<ROW_LANES>(removed);
    UNROLL for (int part = 0; part < ROW_PARTS; part++)
    {
        UNROLL for (int i = 0; i < 4; i++)
        {
            int key = first + part * 4 * ROW_LANES + i;
            if (key < size)
            {
                s[part][i] = fma(s[part][i], head.w[key], fma(removed, head.b[key], v * head.k[key]));
                y = fma(s[part][i], head.r[key], y);
            }
        }
    }

    return sum_over<ROW_LANES>(y);
}

DEVICE void read_state_row(Float4 (&s)[ROW_PARTS], const float* row, int size)
{
    UNROLL for (int part = 0; part < ROW_PARTS; part++)
    {
        int key = thread() % ROW_LANES * 4 + part * 4 * ROW_LANES;
        s[part] = key < size ? *reinterpret_cast<const Float4*>(row + key) : Float4{};
    }
}

DEVICE void write_state_row(const Float4 (&s)[ROW_PARTS], float* row, int size)
{
    UNROLL for (int part = 0; part < ROW_PARTS; part++)
    {
        int key = thread() % ROW_LANES * 4 + part * 4 * ROW_LANES;
        if (key < size)
        {
            *reinterpret_cast<Float4*>(row + key) = s[part];
        }
    }
}

struct Heads7
{
    Thin pairs[4];                                     // w2, a2, g2, v2
    const float *decay, *rate, *residual;              // w0, a0, v0 [C]
    const float *removalKey, *keyRate, *bonus;         // k_k, k_a, r_k [C]
    const float *normWeight, *normBias;                // ln_x [C]
    const float *r, *k, *v, *firstV;                   // [B, stride]; without a residual pair, v is layer 0's
    float* y;                                          // [B, stride]
    float* state;                                      // of this layer and slot 0, head 0: [H, N, N], row = value channel
    const int* slots;                                  // [B]
    long long slotStride;
    int size, stride;
    float epsilon;
};

template <int COLUMNS>
DEVICE void heads7(const Heads7& a)
{
    int size = a.size, head = block_x() * size, firstPosition = block_y() * COLUMNS;
    float* thin = shared_memory<float>();              // decay, rate, gate, residual: [4, COLUMNS, N]
    float* r = thin + 4 * COLUMNS * size;
    float *w = r + size, *k = w + size, *v = k + size, *away = v + size, *back = away + size, *o = back + size;

    // Few blocks have much to read in small pieces: memory is waited for once.
    for (int pair = 0; pair < 4; pair++)
    {
        if (a.pairs[pair].weights)
        {
            prefetch_rows(a.pairs[pair], head, size);
        }
    }

    for (int column = 0; column < COLUMNS; column++)
    {
        prefetch_all(a.state + a.slots[firstPosition + column] * a.slotStride + (long long)head * size, (long long)size * size * sizeof(float));
    }

    // The second halves of the low-rank pairs, for every position of the block at once.
    for (int pair = 0; pair < 4; pair++)
    {
        if (a.pairs[pair].weights)
        {
            for (int c = thread() / THIN_LANES; c < size; c += THIN_ROWS)
            {
                float sums[COLUMNS];
                thin_product<COLUMNS>(a.pairs[pair], head + c, firstPosition, sums);
                UNROLL for (int column = 0; column < COLUMNS; column++)
                {
                    if (lane() % THIN_LANES == 0)
                    {
                        thin[(pair * COLUMNS + column) * size + c] = sums[column];
                    }
                }
            }
        }
    }

    barrier();
    for (int column = 0; column < COLUMNS; column++)
    {
        int position = firstPosition + column, c = thread(), channel = head + c;
        long long at = (long long)position * a.stride + channel;
        const float* mine = thin + column * size + c;
        float removal = 0, key = 0, value = 0, gate = 0, bonus = 0;
        if (c < size)
        {
            float rate = sigmoid(mine[COLUMNS * size] + a.rate[channel]), raw = a.k[at];
            gate = mine[2 * COLUMNS * size];
            removal = raw * a.removalKey[channel];
            key = fma(raw * (rate - 1), a.keyRate[channel], raw);                                // k (1 + (a - 1) k_a)
            value = a.v[at];
            if (a.pairs[3].weights)
            {
                float residual = sigmoid(mine[3 * COLUMNS * size] + a.residual[channel]);
                value = fma(a.firstV[at] - value, residual, value);
            }

            bonus = a.r[at] * key * a.bonus[channel];
        }

        float length = larger(square_root(sum_over_block(removal * removal)), 1e-12f);
        bonus = sum_over_block(bonus);                                                           // sum of r k r_k
        if (c < size)
        {
            float rate = sigmoid(mine[COLUMNS * size] + a.rate[channel]);
            r[c] = a.r[at];
            w[c] = exponential(-0.60653066f * sigmoid(mine[0] + a.decay[channel]));               // e^(-e^(-1/2) sigmoid)
            k[c] = key;
            v[c] = value;
            away[c] = -removal / length;                                                         // minus the removal key, of length 1
            back[c] = removal / length * rate;
        }

        barrier();
        float* state = a.state + a.slots[position] * a.slotStride + (long long)head * size;
        for (int first = 0; first < size; first += ROWS_AT_ONCE)
        {
            int row = first + thread() / ROW_LANES, inside = row < size ? row : size - 1;
            Float4 s[ROW_PARTS];
            read_state_row(s, state + (long long)inside * size, size);
            float y = advance_row(s, {r, w, k, v, away, back}, v[inside], size);
            if (row < size)
            {
                write_state_row(s, state + (long long)row * size, size);
                o[row] = y;
            }
        }

        barrier();
        Statistics s = statistics_of([=](int i) { return o[i]; }, size, a.epsilon);
        if (c < size)
        {
            a.y[at] = gate * fma(bonus, value, normed(o[c], s, a.normWeight[channel], a.normBias[channel]));
        }
    }
}

// Low-rank pairs, decay, rate, removal key, value residual, the recurrence, group norm, bonus and gate. Grid: (H, B / COLUMNS); shared: (4 COLUMNS + 7) N numbers.
// A few positions: bound by latency, for there are fewer heads than the device has processors. Many: by the states, read and written once; COLUMNS positions
// share what is read of the pairs. Many positions still give what each alone gives: rows are summed alike.
KERNEL(heads7_1, Heads7) { heads7<1>(a); }
KERNEL(heads7_4, Heads7) { heads7<4>(a); }
