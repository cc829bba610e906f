// Number by number, about the products that cuBLAS does at many positions: what they read is rounded to their weights' format before, what becomes of them is done after.
#pragma once

// Four numbers at a time: strides are whole tiles.
constexpr int ELEMENTS = 4;

struct Elements
{
    const float* x;             // [B, xStride]
    void* y;                    // [B, yStride] in its format
    const float* gate;          // [B, yStride], with ADD; or null for a factor of 1
    int format, epilogue, width, xStride, yStride;
};

struct ElementGroup
{
    Elements items[8];
    int count;
};

// y = epilogue(x), or y = y + gate x. Grid: (slices of 1024 numbers of the widest, B, items). Bound by latency: what was written last lies in L2 still.
// What fills y up stays zero, whatever the epilogue makes of zero. x may be y.
KERNEL(elements, ElementGroup)
{
    const Elements& e = a.items[block_z()];
    int first = (block_x() * THREADS + thread()) * ELEMENTS;
    if (first >= e.width)
    {
        return;
    }

    long long at = (long long)block_y() * e.yStride + first;
    Float4 x = *reinterpret_cast<const Float4*>(e.x + (long long)block_y() * e.xStride + first);
    if (e.epilogue == ADD)
    {
        Float4* y = reinterpret_cast<Float4*>(static_cast<float*>(e.y) + at);
        Float4 sum = *y, gate = e.gate ? *reinterpret_cast<const Float4*>(e.gate + at) : Float4{1, 1, 1, 1};
        UNROLL for (int i = 0; i < ELEMENTS; i++)
        {
            sum[i] = first + i < e.width ? fma(gate[i], x[i], sum[i]) : sum[i];
        }

        *y = sum;
        return;
    }

    UNROLL for (int i = 0; i < ELEMENTS; i++)
    {
        x[i] = first + i < e.width ? after(x[i], e.epilogue) : 0;
    }

    if (e.format == FLOAT32)
    {
        *reinterpret_cast<Float4*>(static_cast<float*>(e.y) + at) = x;
        return;
    }

    Word2 words;
    UNROLL for (int i = 0; i < 2; i++)
    {
        float low = x[2 * i], high = x[2 * i + 1];
        words[i] = e.format == BFLOAT16 ? to_bfloat16(low) | to_bfloat16(high) << 16 : to_float16(low) | to_float16(high) << 16;
    }

    *reinterpret_cast<Word2*>(static_cast<unsigned short*>(e.y) + at) = words;
}
