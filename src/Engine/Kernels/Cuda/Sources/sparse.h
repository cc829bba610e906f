// y = y + V k where most of k is zero: the value matrix of a channel mix behind relu squared.
#pragma once

struct SparseProduct
{
    const void* weights;        // V turned: [F, tiles, lanes, WORDS], a row is what one number of k is multiplied by
    const float* scales;        // integers: [F, tiles, TILE / SCALED]
    const float* k;             // [B, kStride], filled up with zeros
    float* parts;               // [splits, B, tiles TILE]
    unsigned* arrived;          // [tiles, B / COLUMNS] of blocks, 0 before and after
    float* y;                   // [B, yStride]
    const float* gate;          // [B, yStride], or null
    int format, inner, tiles, width, kStride, yStride;
    int rounds;                 // 256 rows are a block's at a time: how often
};

// A lane's eight neighbouring weights of a row.
template <class W>
DEVICE void read_row(const void* weights, long long row, int tiles, int tile, unsigned (&words)[W::WORDS])
{
    const unsigned* at = static_cast<const unsigned*>(weights) + ((row * tiles + tile) * WARP + lane()) * W::WORDS;
    if constexpr (W::WORDS >= 4)
    {
        UNROLL for (int v = 0; v < W::WORDS / 4; v++)
        {
            Word4 vector = stream(reinterpret_cast<const Word4*>(at) + v);
            UNROLL for (int i = 0; i < 4; i++)
            {
                words[4 * v + i] = vector[i];
            }
        }
    }
    else
    {
        UNROLL for (int i = 0; i < W::WORDS; i++)
        {
            words[i] = at[i];
        }
    }
}

// The products of 32 rows of the warp, those without a number left out: a zero would add nothing.
template <class W, int COLUMNS>
DEVICE void multiply_rows(const SparseProduct& a, const float* k, int first, float (&sums)[COLUMNS][8])
{
    constexpr int AT_ONCE = W::WORDS <= 2 && COLUMNS <= 2 ? 8 : 4;
    int tile = block_y();
    float mine[COLUMNS];
    bool any = false;
    UNROLL for (int column = 0; column < COLUMNS; column++)
    {
        mine[column] = first + lane() < a.inner ? k[(long long)column * a.kStride + first + lane()] : 0;
        any |= mine[column] != 0;
    }

    for (unsigned rows = ballot(any); rows != 0;)
    {
        // Several rows are asked for before the first is used. One too many has no numbers: it is read again and multiplied by zero.
        unsigned words[AT_ONCE][W::WORDS];
        int row[AT_ONCE];
        bool used[AT_ONCE];
        UNROLL for (int i = 0; i < AT_ONCE; i++)
        {
            used[i] = rows != 0;
            row[i] = used[i] ? __builtin_ctz(rows) : row[0];
            rows &= rows - 1;
            read_row<W>(a.weights, first + row[i], a.tiles, tile, words[i]);
        }

        UNROLL for (int i = 0; i < AT_ONCE; i++)
        {
            float scale = 1;
            if constexpr (W::SCALED != 0)
            {
                constexpr int SCALES = TILE / W::SCALED;
                scale = a.scales[((long long)(first + row[i]) * a.tiles + tile) * SCALES + lane() / (WARP / SCALES)];
            }

            UNROLL for (int column = 0; column < COLUMNS; column++)
            {
                float number = from_lane(mine[column], row[i]);
                number = used[i] ? number * scale : 0;
                UNROLL for (int c = 0; c < 8; c++)
                {
                    sums[column][c] = fma(number, W::get(words[i], c), sums[column][c]);
                }
            }
        }
    }
}

template <class W, int COLUMNS>
DEVICE void multiply_rounds(const SparseProduct& a, const float* k, float (&sums)[COLUMNS][8])
{
    for (int round = 0; round < a.rounds; round++)
    {
        multiply_rows<W, COLUMNS>(a, k, ((block_z() * a.rounds + round) * WARPS + warp()) * WARP, sums);
    }
}

template <int COLUMNS>
DEVICE void multiply_sparse(const SparseProduct& a)
{
    int positions = blocks_x() * COLUMNS, firstPosition = block_x() * COLUMNS;
    const float* k = a.k + (long long)firstPosition * a.kStride;
    float sums[COLUMNS][8] = {};
    switch (a.format)
    {
        case FLOAT32: multiply_rounds<Float32, COLUMNS>(a, k, sums); break;
        case BFLOAT16: multiply_rounds<BFloat16, COLUMNS>(a, k, sums); break;
        case FLOAT16: multiply_rounds<Float16, COLUMNS>(a, k, sums); break;
        case INT8: multiply_rounds<Int8, COLUMNS>(a, k, sums); break;
        case INT4: multiply_rounds<Int4, COLUMNS>(a, k, sums); break;
    }

    // The block's sum, a thread per channel, and its place among those of the other rows. Lanes stand beside each other here, so that they meet no bank twice.
    SHARED float ofWarp[WARPS][TILE];
    long long stride = (long long)positions * a.tiles * TILE, at = (long long)block_y() * TILE + thread();
    int mine = block_y() * TILE + thread() % WARP * 8 + thread() / WARP;   // channel
    UNROLL for (int column = 0; column < COLUMNS; column++)
    {
        UNROLL for (int c = 0; c < 8; c++)
        {
            ofWarp[warp()][c * WARP + lane()] = sums[column][c];
        }

        barrier();
        float sum = ofWarp[0][thread()];
        for (int i = 1; i < WARPS; i++)
        {
            sum += ofWarp[i][thread()];
        }

        a.parts[block_z() * stride + (long long)(firstPosition + column) * a.tiles * TILE + at] = sum;
        barrier();
    }

    // Whoever comes last adds up all of them, in order.
    SHARED bool last;
    fence();
    barrier();
    unsigned* arrived = a.arrived + block_y() * blocks_x() + block_x();
    if (thread() == 0)
    {
        last = arrive(arrived) == (unsigned)blocks_z() - 1;
    }

    barrier();
    if (!last)
    {
        return;
    }

    fence();
    if (thread() == 0)
    {
        *arrived = 0;
    }

    for (int column = 0; column < COLUMNS; column++)
    {
        const volatile float* parts = a.parts + (long long)(firstPosition + column) * a.tiles * TILE + at;
        float sum = parts[0];
        for (int i = 1; i < blocks_z(); i++)
        {
            sum += parts[i * stride];
        }

        long long channel = (long long)(firstPosition + column) * a.yStride + mine;
        if (mine < a.width)
        {
            a.y[channel] = a.gate ? fma(a.gate[channel], sum, a.y[channel]) : a.y[channel] + sum;
        }
    }
}

// Grid: (B / COLUMNS, tiles of channels, groups of 256 rows times rounds). Bound by memory: of the matrix, the rows whose number is not zero at some position of the block.
// A row left out changes no bit, so a batch gives what each position alone gives.
KERNEL(sparse_product_1, SparseProduct) { multiply_sparse<1>(a); }
KERNEL(sparse_product_2, SparseProduct) { multiply_sparse<2>(a); }
KERNEL(sparse_product_4, SparseProduct) { multiply_sparse<4>(a); }
KERNEL(sparse_product_8, SparseProduct) { multiply_sparse<8>(a); }
