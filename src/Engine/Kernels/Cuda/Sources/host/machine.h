// The machine of ../machine.h on the host: threads are fibers, blocks run one after the other.
#pragma once

#include <cstring>

#define DEVICE static inline
#define DEVICE_MEMBER
#define SHARED static
#define UNROLL
#define KERNEL(name, Parameters) \
    static void name(const Parameters& a); \
    static const host::Kernel name##_kernel(#name, [](void** arguments) { name(*static_cast<const Parameters*>(arguments[0])); }); \
    static void name(const Parameters& a)

namespace host
{
// Puts itself into the table that launches look into.
struct Kernel
{
    typedef void (*Body)(void**);

    Kernel(const char* name, Body body);

    const char* const name;
    const Body body;
    const Kernel* const next;
};

struct Place { int thread, block[3], blocks[3]; };

extern Place place;

// All of these may go on with another thread first. site: the line in the kernel's source, for one that diverges.
void barrier(int site);
const unsigned* exchange(unsigned value, int site);   // what the warp's lanes brought
}

extern Word4 dynamic_shared[];

DEVICE int thread() { return host::place.thread; }
DEVICE int block_x() { return host::place.block[0]; }
DEVICE int block_y() { return host::place.block[1]; }
DEVICE int block_z() { return host::place.block[2]; }
DEVICE int blocks_x() { return host::place.blocks[0]; }
DEVICE int blocks_z() { return host::place.blocks[2]; }

DEVICE void barrier(int site = __builtin_LINE()) { host::barrier(site); }

DEVICE float from_lane(float value, int lane, int site = __builtin_LINE())
{
    return __builtin_bit_cast(float, host::exchange(__builtin_bit_cast(unsigned, value), site)[lane % WARP]);
}

DEVICE int across(int value, int mask, int site = __builtin_LINE())
{
    return (int)host::exchange((unsigned)value, site)[host::place.thread % WARP ^ mask];
}

DEVICE float across(float value, int mask, int site = __builtin_LINE())
{
    return __builtin_bit_cast(float, across(__builtin_bit_cast(int, value), mask, site));
}

DEVICE unsigned ballot(bool value, int site = __builtin_LINE())
{
    const unsigned* votes = host::exchange(value, site);
    unsigned bits = 0;
    for (int i = 0; i < WARP; i++)
    {
        bits |= votes[i] << i;
    }

    return bits;
}

DEVICE void fence() { }

DEVICE void prefetch(const char*) { }

DEVICE Word4 stream(const Word4* at) { return *at; }

DEVICE Word2 stream(const Word2* at) { return *at; }

// fp16 by its definition: a mantissa under an exponent that begins at 2^-14; what is below is the same with exponent 0.
DEVICE float from_half(unsigned bits)
{
    unsigned sign = (bits & 0x8000u) << 16, rest = bits & 0x7fffu;
    if (rest >= 0x7c00u)
    {
        return __builtin_bit_cast(float, sign | 0x7f800000u | (rest & 0x3ffu) << 13);
    }

    float value = __builtin_bit_cast(float, rest << 13) * 0x1p112f;
    return __builtin_bit_cast(float, sign | __builtin_bit_cast(unsigned, value));
}

// Its reverse. Below 2^-14 the mantissa counts steps of 2^-24, which is what the last bit of numbers from one half to one is worth.
DEVICE unsigned to_half(float value)
{
    unsigned bits = __builtin_bit_cast(unsigned, value), sign = bits >> 16 & 0x8000u, rest = bits & 0x7fffffffu;
    if (rest > 0x7f800000u)
    {
        return 0x7fffu;
    }

    if (rest >= 0x47800000u)
    {
        return sign | 0x7c00u;
    }

    if (rest < 0x38800000u)
    {
        return sign | (__builtin_bit_cast(unsigned, __builtin_bit_cast(float, rest) + 0.5f) - 0x3f000000u);
    }

    rest -= 112u << 23;
    return sign | (rest + 0xfffu + (rest >> 13 & 1u)) >> 13;
}
