// What a kernel asks of the machine it runs on: where it stands, barriers, exchange within a warp. A block always has THREADS threads in whole warps, and
// barriers and exchanges are reached by all of them. On the host (RWKVSK_HOST) the same names are fibers, see host/machine.h.
#pragma once

constexpr int WARP = 32, THREADS = 256, WARPS = THREADS / WARP;

typedef float Float4 __attribute__((vector_size(16)));
typedef unsigned Word2 __attribute__((vector_size(8)));
typedef unsigned Word4 __attribute__((vector_size(16)));

// So many words.
template <int WORDS> struct VectorOf;
template <> struct VectorOf<2> { typedef Word2 Type; };
template <> struct VectorOf<4> { typedef Word4 Type; };
template <int WORDS> using Vector = typename VectorOf<WORDS>::Type;

#ifdef RWKVSK_HOST
#include "host/machine.h"
#else

#define DEVICE static __attribute__((device)) __attribute__((always_inline))
#define DEVICE_MEMBER __attribute__((device)) __attribute__((always_inline))
#define SHARED __attribute__((shared))

// A kernel takes one structure by value: it lies in the constant bank, where every thread reads it at the cost of none.
#define KERNEL(name, Parameters) extern "C" __attribute__((global)) __attribute__((launch_bounds(THREADS))) void name(const Parameters a)

// Before a loop over an array that has to stay in registers.
#define UNROLL _Pragma("unroll")

extern SHARED Word4 dynamic_shared[];

DEVICE int thread() { return __nvvm_read_ptx_sreg_tid_x(); }
DEVICE int block_x() { return __nvvm_read_ptx_sreg_ctaid_x(); }
DEVICE int block_y() { return __nvvm_read_ptx_sreg_ctaid_y(); }
DEVICE int block_z() { return __nvvm_read_ptx_sreg_ctaid_z(); }
DEVICE int blocks_x() { return __nvvm_read_ptx_sreg_nctaid_x(); }
DEVICE int blocks_z() { return __nvvm_read_ptx_sreg_nctaid_z(); }

// Waits until the whole block is here; what was written before is seen by all after.
DEVICE void barrier() { __syncthreads(); }

// The value that another lane of the warp brings.
DEVICE float from_lane(float value, int lane) { return __nvvm_shfl_sync_idx_f32(~0u, value, lane, WARP - 1); }
DEVICE float across(float value, int mask) { return __nvvm_shfl_sync_bfly_f32(~0u, value, mask, WARP - 1); }
DEVICE int across(int value, int mask) { return __nvvm_shfl_sync_bfly_i32(~0u, value, mask, WARP - 1); }

// A bit per lane.
DEVICE unsigned ballot(bool value) { return __nvvm_vote_ballot_sync(~0u, value); }

// What this thread wrote is seen on the whole device before what it writes next.
DEVICE void fence() { __nvvm_membar_gl(); }

// 16 bytes of weights. They are read once per step: no room in L1, whole lines to L2.
DEVICE Word4 stream(const Word4* at)
{
    unsigned x, y, z, w;
    asm("ld.global.nc.L1::no_allocate.L2::128B.v4.u32 {%0, %1, %2, %3}, [%4];" : "=r"(x), "=r"(y), "=r"(z), "=r"(w) : "l"(at));
    return Word4{x, y, z, w};
}

// The same of 8 bytes.
DEVICE Word2 stream(const Word2* at)
{
    unsigned x, y;
    asm("ld.global.nc.L1::no_allocate.L2::128B.v2.u32 {%0, %1}, [%2];" : "=r"(x), "=r"(y) : "l"(at));
    return Word2{x, y};
}

// Asks for 128 bytes that will be read soon.
DEVICE void prefetch(const char* at) { asm volatile("prefetch.global.L2 [%0];" ::"l"(at)); }

DEVICE float from_half(unsigned bits)
{
    float value;
    asm("cvt.f32.f16 %0, %1;" : "=f"(value) : "h"((unsigned short)bits));
    return value;
}

// To the nearest, to an even one of two.
DEVICE unsigned to_half(float value)
{
    unsigned short bits;
    asm("cvt.rn.f16.f32 %0, %1;" : "=h"(bits) : "f"(value));
    return bits;
}

#endif

DEVICE int lane() { return thread() % WARP; }
DEVICE int warp() { return thread() / WARP; }

// Adds one and gives what was there. The order in which threads come decides nothing but who is last.
DEVICE unsigned arrive(unsigned* counter) { return __atomic_fetch_add(counter, 1u, __ATOMIC_RELAXED); }

// The block asks for a stretch of memory, so that whoever reads it piece by piece does not wait for each piece.
DEVICE void prefetch_all(const void* from, long long bytes)
{
    for (long long at = thread() * 128; at < bytes; at += THREADS * 128)
    {
        prefetch(static_cast<const char*>(from) + at);
    }
}

template <class T>
DEVICE T* shared_memory() { return reinterpret_cast<T*>(dynamic_shared); }
