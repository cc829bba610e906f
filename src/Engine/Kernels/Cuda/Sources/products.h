// y = W x for matrices whose rows are outputs.
#pragma once

// What becomes of W x. The numbers are those of the C# enumeration of the same name.
enum Epilogue { STORE, TANH, SIGMOID, SILU, RELU_SQUARED, ADD };

// Rows a warp takes at once, and columns it takes at once: eight per lane, four of them in each half of the tile.
constexpr int ROWS = 4, TILE = 8 * WARP, HALF = TILE / 2;

// One matrix, filled up with zeros to whole groups of four rows and whole tiles of columns. Floating-point formats lie row by row, as everybody else reads them, too: a
// warp's loads are 256 bytes (16-bit) or 512 bytes (fp32) of a row each, and what a lane has of x stays in the order that reads x without gaps. Integers lie in groups of
// four rows, a group's columns in tiles; in a tile a lane's weights of the four rows stand in WORDS vectors of 16 bytes behind each other, and lanes beside each other.
struct DenseProduct
{
    const Word4* weights;       // [rows, columns]; integers: [groups, tiles, WORDS, lanes]
    const float* scales;        // integers: [groups, tiles, 2] of eight, see Scales
    const float* x;             // [B, xStride], filled up with zeros to whole tiles
    float* y;                   // [B, yStride]
    int format, epilogue, rows, tiles, xStride, yStride;
    int split;                  // warps that share a group's tiles: 1, 2, 4 or 8
    int firstBlock;
};

// Products that do not depend on each other.
struct Products
{
    DenseProduct items[8];
    int count;
};

// A lane's scales in a tile: for each row that of its first four columns and that of the others.
template <class W>
struct Scales
{
    Float4 values[2];

    DEVICE Scales read(const float* scales, long long tile)
    {
        if constexpr (W::SCALED == 0)
        {
            return {};
        }
        else
        {
            // int8: a scale is a half's. int4: a half has two, of its first 16 lanes and of the others.
            long long eight = W::SCALED == HALF ? tile : 2 * tile + lane() / 16;
            const Float4* at = reinterpret_cast<const Float4*>(scales) + 2 * eight;
            return {{at[0], at[1]}};
        }
    }

    DEVICE float of(const Scales& scales, int row, int half) { return scales.values[row / 2][row % 2 * 2 + half]; }
};

// What a lane reads of a tile.
template <class W>
struct LaneTile
{
    unsigned words[ROWS * W::WORDS];
    Scales<W> scales;

    DEVICE LaneTile read(const DenseProduct& p, int group, int t)
    {
        LaneTile result;
        if constexpr (W::SCALED == 0)
        {
            // Half of a lane's eight weights is a vector of two words or of four.
            constexpr int PART = W::WORDS / 2, TILE_PARTS = TILE / 4, HALF_PARTS = HALF / 4;
            using Part = Vector<PART>;
            const Part* at = reinterpret_cast<const Part*>(p.weights) + ((long long)group * ROWS * p.tiles + t) * TILE_PARTS + lane();
            UNROLL for (int row = 0; row < ROWS; row++)
            {
                UNROLL for (int half = 0; half < 2; half++)
                {
                    Part part = stream(at + (long long)row * p.tiles * TILE_PARTS + half * HALF_PARTS);
                    UNROLL for (int i = 0; i < PART; i++)
                    {
                        result.words[row * W::WORDS + half * PART + i] = part[i];
                    }
                }
            }
        }
        else
        {
            long long tile = (long long)group * p.tiles + t;
            const Word4* at = p.weights + tile * W::WORDS * WARP + lane();
            UNROLL for (int v = 0; v < W::WORDS; v++)
            {
                Word4 vector = stream(at + v * WARP);
                UNROLL for (int i = 0; i < 4; i++)
                {
                    result.words[4 * v + i] = vector[i];
                }
            }

            result.scales = Scales<W>::read(p.scales, tile);
        }

        return result;
    }
};

// One row's sum over a lane's eight columns. It begins anew with every tile: chains of few products, independent of each other.
template <class W>
DEVICE float add_eight(const LaneTile<W>& tile, int row, Float4 x0, Float4 x1, float sum)
{
    float first = 0, second = 0;
    UNROLL for (int i = 0; i < 4; i++)
    {
        first = fma(W::get(tile.words + row * W::WORDS, i), x0[i], first);
        second = fma(W::get(tile.words + row * W::WORDS, 4 + i), x1[i], second);
    }

    if constexpr (W::SCALED == 0)
    {
        return sum + (first + second);
    }
    else
    {
        return fma(second, Scales<W>::of(tile.scales, row, 1), fma(first, Scales<W>::of(tile.scales, row, 0), sum));
    }
}

template <class W, int COLUMNS>
DEVICE void multiply_tiles(const DenseProduct& p, int group, int part, const float* x, float (&sums)[COLUMNS][ROWS])
{
    // A narrow format's tile is few bytes: several are asked for at once, unless many columns fill the time anyway.
    constexpr int AT_ONCE = COLUMNS > 2 || W::WORDS > 4 ? 1 : W::WORDS > 1 ? 2 : 4;
    for (int start = part; start < p.tiles; start += AT_ONCE * p.split)
    {
        LaneTile<W> tiles[AT_ONCE];
        UNROLL for (int n = 0; n < AT_ONCE; n++)
        {
            int t = start + n * p.split;
            if (t < p.tiles)
            {
                tiles[n] = LaneTile<W>::read(p, group, t);
            }
        }

        UNROLL for (int n = 0; n < AT_ONCE; n++)
        {
            int t = start + n * p.split;
            if (t < p.tiles)
            {
                UNROLL for (int column = 0; column < COLUMNS; column++)
                {
                    const Float4* from = reinterpret_cast<const Float4*>(x + (long long)column * p.xStride + t * TILE) + lane();
                    Float4 x0 = from[0], x1 = from[HALF / 4];
                    UNROLL for (int row = 0; row < ROWS; row++)
                    {
                        sums[column][row] = add_eight<W>(tiles[n], row, x0, x1, sums[column][row]);
                    }
                }
            }
        }
    }
}

DEVICE float after(float product, int epilogue)
{
    switch (epilogue)
    {
        case TANH: return hyperbolic_tangent(product);
        case SIGMOID: return sigmoid(product);
        case SILU: return product * sigmoid(product);
        case RELU_SQUARED: product = product < 0 ? 0 : product; return product * product;
        default: return product;
    }
}

DEVICE void put(float* y, float product, int epilogue) { *y = epilogue == ADD ? *y + product : after(product, epilogue); }

template <int COLUMNS>
DEVICE void multiply(const Products& a)
{
    int item = 0;
    for (int i = 1; i < a.count; i++)
    {
        item = block_y() >= a.items[i].firstBlock ? i : item;
    }

    const DenseProduct& p = a.items[item];
    int groups = (p.rows + ROWS - 1) / ROWS;
    int group = (block_y() - p.firstBlock) * (WARPS / p.split) + warp() / p.split, part = warp() % p.split;
    const float* x = p.x + (long long)block_x() * COLUMNS * p.xStride;

    float sums[COLUMNS][ROWS] = {};
    if (group < groups)
    {
        switch (p.format)
        {
            case FLOAT32: multiply_tiles<Float32, COLUMNS>(p, group, part, x, sums); break;
            case BFLOAT16: multiply_tiles<BFloat16, COLUMNS>(p, group, part, x, sums); break;
            case FLOAT16: multiply_tiles<Float16, COLUMNS>(p, group, part, x, sums); break;
            case INT8: multiply_tiles<Int8, COLUMNS>(p, group, part, x, sums); break;
            case INT4: multiply_tiles<Int4, COLUMNS>(p, group, part, x, sums); break;
        }
    }

    // Eight lanes have a row's sum; each takes one column.
    float mine = 0;
    UNROLL for (int column = 0; column < COLUMNS; column++)
    {
        float sum = sum_of_four(sums[column]);
        mine = lane() % 8 == column ? sum : mine;
    }

    if (p.split > 1)
    {
        SHARED float parts[WARPS][WARP];
        parts[warp()][lane()] = mine;
        barrier();
        mine = parts[warp() / p.split * p.split][lane()];
        for (int i = 1; i < p.split; i++)
        {
            mine += parts[warp() / p.split * p.split + i][lane()];
        }
    }

    int row = group * ROWS + lane() / 8, column = lane() % 8;
    if (part == 0 && row < p.rows && column < COLUMNS)
    {
        put(p.y + ((long long)block_x() * COLUMNS + column) * p.yStride + row, mine, p.epilogue);
    }
}

// Grid: (B / COLUMNS, blocks of all items). Bound by the memory that the weights come from: every weight is read once per COLUMNS positions, and blocks that read the
// same ones stand beside each other, so that they meet in L2. Four rows share what they read of x; fewer rows than the device has warps are split over columns.
// How a row is summed depends on its matrix alone.
KERNEL(products_1, Products) { multiply<1>(a); }
KERNEL(products_2, Products) { multiply<2>(a); }
KERNEL(products_4, Products) { multiply<4>(a); }
KERNEL(products_8, Products) { multiply<8>(a); }
