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
    for (int e = lane() % THIN_LANES; e < t.eights; e += THIN_LANES)
    {
        unsigned words[W::WORDS];
        UNROLL for (int v = 0; v < W::WORDS / 4; v++)
        {
            Word4 vector = t.weights[((long long)row * t.eights + e) * (W::WORDS / 4) + v];
            UNROLL for (int i = 0; i < 4; i++)
            {
                words[4 * v + i] = vector[i];
            }
        }

        UNROLL for (int column = 0; column < COLUMNS; column++)
        {
            const Float4* x = reinterpret_cast<const Float4*>(t.x + (long long)(position + column) * t.xStride) + 2 * e;
            Float4 x0 = x[0], x1 = x[1];
            UNROLL for (int i = 0; i < 4; i++)
            {
                sums[column] = fma(W::get(words, i), x0[i], sums[column]);
            }

            UNROLL for (int i = 0; i < 4; i++)
            {
                sums[column] = fma(W::get(words, 4 + i), x1[i], sums[column]);
            }
        }
    }
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
