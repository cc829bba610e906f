// Numbers: how weights are kept, and functions of fp32 made of additions and products only, so that the host and the device give the same bits.
#pragma once

// The numbers are those of the C# enumeration WeightFormat.
enum Format { FLOAT32, BFLOAT16, FLOAT16, INT8, INT4 };

DEVICE float as_float(unsigned bits) { return __builtin_bit_cast(float, bits); }

DEVICE float fma(float a, float b, float c) { return __builtin_fmaf(a, b, c); }

// Eight neighbouring weights of a row are kept in WORDS words. Integers are kept with an offset, so that they are never negative: put below the exponent of 2^23 they
// are a float at once. SCALED is how many weights share a scale; 0 for none.
struct Float32
{
    static constexpr int WORDS = 8, SCALED = 0;

    DEVICE float get(const unsigned* words, int i) { return as_float(words[i]); }
};

struct BFloat16
{
    static constexpr int WORDS = 4, SCALED = 0;

    DEVICE float get(const unsigned* words, int i) { return as_float(i % 2 == 0 ? words[i / 2] << 16 : words[i / 2] & 0xffff0000u); }
};

struct Float16
{
    static constexpr int WORDS = 4, SCALED = 0;

    DEVICE float get(const unsigned* words, int i) { return from_half(words[i / 2] >> (i % 2 * 16) & 0xffffu); }
};

struct Int8
{
    static constexpr int WORDS = 2, SCALED = 128;

    DEVICE float get(const unsigned* words, int i) { return as_float(0x4b000000u | (words[i / 4] >> (i % 4 * 8) & 255u)) - 8388736.0f; }   // 2^23 + 128
};

struct Int4
{
    static constexpr int WORDS = 1, SCALED = 64;

    DEVICE float get(const unsigned* words, int i) { return as_float(0x4b000000u | (words[0] >> (i * 4) & 15u)) - 8388616.0f; }   // 2^23 + 8
};

// Rounded to 16 bits, to the nearest, to an even one of two. What is beyond fp16's largest becomes that: infinity would make all that follows no number.
DEVICE unsigned to_bfloat16(float x)
{
    unsigned bits = __builtin_bit_cast(unsigned, x);
    bool isNumber = (bits & 0x7fffffffu) <= 0x7f800000u;
    return isNumber ? (bits + 0x7fffu + (bits >> 16 & 1u)) >> 16 : bits >> 16 | 0x40u;
}

DEVICE unsigned to_float16(float x) { return to_half(x > 65504.0f ? 65504.0f : x < -65504.0f ? -65504.0f : x); }

// e^x: 2^n e^r with |r| <= ln 2 / 2, e^r by its series to r^7; the error is about one unit in the last place. Outside of fp32's range it stays at the range's end.
DEVICE float exponential(float x)
{
    x = x < -87.0f ? -87.0f : x > 88.0f ? 88.0f : x;
    float n = fma(x, 1.44269504f, 12582912.0f) - 12582912.0f;   // 1.5 2^23: the sum has no room for a fraction
    float r = fma(n, -0.693359375f, x);                         // ln 2 in two parts, the first of few bits
    r = fma(n, 2.12194440e-4f, r);
    float y = 1.98412698e-4f;
    y = fma(y, r, 1.38888889e-3f);
    y = fma(y, r, 8.33333333e-3f);
    y = fma(y, r, 4.16666667e-2f);
    y = fma(y, r, 1.66666667e-1f);
    y = fma(y, r, 0.5f);
    y = fma(y, r, 1.0f);
    y = fma(y, r, 1.0f);
    return y * as_float((unsigned)((int)n + 127) << 23);
}

DEVICE float sigmoid(float x) { return 1 / (1 + exponential(-x)); }

DEVICE float hyperbolic_tangent(float x) { return 1 - 2 / (1 + exponential(2 * x)); }

DEVICE float square_root(float x) { return __builtin_sqrtf(x); }

DEVICE float larger(float x, float y) { return x > y ? x : y; }
