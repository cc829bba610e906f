// The second halves of low-rank pairs: as many rows as the model is wide, few columns. Eight lanes take a row.
#pragma once

constexpr int THIN_LANES = 8, THIN_ROWS = THREADS / THIN_LANES;

struct Thin
{
    const Word4* weights;       // [C, eights] of eight numbers each; null where there is no such pair
    const float* x;             // what the first half gave [B, xStride], filled up with zeros
    int format, eights, xStride;
};

template <class W, int COLUMNS>
DEVICE void multiply_thin(const Thin& t, int row, int position, float (&sums)[COLUMNS])
{
    constexpr int AT_ONCE = 4;
    const Word4* weights = t.weights + (long long)row * t.eights * (W::WORDS / 4);
    for (int first = lane() % THIN_LANES; first < t.eights; first += AT_ONCE * THIN_LANES)
    {
        unsigned words[AT_ONCE][W::WORDS];
        UNROLL for (int n = 0; n < AT_ONCE; n++)
        {
            int e = first + n * THIN_LANES;
            UNROLL for (int v = 0; v < W::WORDS / 4; v++)
            {
                Word4 vector = e < t.eights ? weights[e * (W::WORDS / 4) + v] : Word4{};
                UNROLL for (int i = 0; i < 4; i++)
                {
                    words[n][4 * v + i] = vector[i];
                }
            }
        }

        UNROLL for (int n = 0; n < AT_ONCE; n++)
        {
            int e = first + n * THIN_LANES;
            if (e < t.eights)
            {
                UNROLL for (int column = 0; column < COLUMNS; column++)
                {
                    const Float4* x = reinterpret_cast<const Float4*>(t.x + (long long)(position + column) * t.xStride) + 2 * e;
                    Float4 x0 = x[0], x1 = x[1];
                    UNROLL for (int i = 0; i < 8; i++)
                    {
                        sums[column] = fma(W::get(words[n], i), i < 4 ? x0[i] : x1[i - 4], sums[column]);
                    }
                }
            }
        }
    }
}

// The rows of a head, asked for.
DEVICE void prefetch_rows(const Thin& t, int row, int count)
{
    long long bytes = (long long)t.eights * (t.format == FLOAT32 ? 32 : 16);
    prefetch_all(reinterpret_cast<const char*>(t.weights) + row * bytes, count * bytes);
}

// One row times COLUMNS positions' vectors, given to the row's lanes. All lanes of the warp have rows of the same matrix.
template <int COLUMNS>
DEVICE void thin_product(const Thin& t, int row, int position, float (&sums)[COLUMNS])
{
    UNROLL for (int column = 0; column < COLUMNS; column++)
    {
        sums[column] = 0;
    }

    switch (t.format)
    {
        case FLOAT32: multiply_thin<Float32, COLUMNS>(t, row, position, sums); break;
        case BFLOAT16: multiply_thin<BFloat16, COLUMNS>(t, row, position, sums); break;
        case FLOAT16: multiply_thin<Float16, COLUMNS>(t, row, position, sums); break;
    }

    UNROLL for (int column = 0; column < COLUMNS; column++)
    {
        sums[column] = sum_over<THIN_LANES>(sums[column]);
    }
}
