// Runs the kernels of ../kernels.cu on the host, so that they can be proved where there is no GPU:
//   c++ -std=c++20 -O2 -march=native -ffp-contract=off -shared -fPIC shim.cpp
// Threads of a block are fibers on one thread. A barrier lets the others run up to it; one that not all reach, or that they reach at different places, ends the launch with an
// error instead of waiting. Shared memory begins as not-a-number, and a launch can run threads from the last to the first: a forgotten barrier shows.
#define RWKVSK_HOST
#include "../kernels.cu"

#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <mutex>
#include <vector>

#ifndef __x86_64__
#include <ucontext.h>
#endif

// Two kernels that are wrong, to see that it is found.
struct Nothing { int unused; };

KERNEL(fault_barrier, Nothing)
{
    if (thread() != a.unused)
    {
        barrier();
    }
}

KERNEL(fault_exchange, Nothing)
{
    if (thread() != a.unused)
    {
        across(1, 1);
    }
}

alignas(128) Word4 dynamic_shared[227 * 1024 / sizeof(Word4)];

namespace host
{
namespace
{
const Kernel* kernels;
thread_local char message[256];

enum class Waits { Nothing, Barrier, Exchange, Forever };

struct Fiber
{
    Waits waits;
    int site;
    unsigned exchanges;   // that this lane took part in
    std::vector<unsigned char> stack;
#ifdef __x86_64__
    void* pointer;
#else
    ucontext_t context;
#endif
};

struct Warp
{
    unsigned values[2][WARP];   // of an exchange and of the next one, which a fast lane may begin before a slow one has read
    unsigned complete;          // exchanges that all lanes took part in
    int arrived, site;
};

std::mutex one_launch;
std::vector<Fiber> fibers;
std::vector<Warp> warps;
Kernel::Body body;
void** arguments;
int current;

void run_thread()
{
    body(arguments);
    fibers[current].waits = Waits::Forever;
}

#ifdef __x86_64__
// Saves what a call must keep, changes the stack, restores. The system's own contexts would ask the kernel for the signal mask each time.
extern "C" void rwkvsk_switch(void** from, void* to);
asm(R"(
.text
.type rwkvsk_switch, @function
rwkvsk_switch:
    pushq %rbp
    pushq %rbx
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    movq %rsp, (%rdi)
    movq %rsi, %rsp
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbx
    popq %rbp
    ret
.size rwkvsk_switch, .-rwkvsk_switch
)");

void* scheduler;

void leave() { rwkvsk_switch(&fibers[current].pointer, scheduler); }

void enter() { rwkvsk_switch(&scheduler, fibers[current].pointer); }

void first()
{
    run_thread();
    leave();
}

void prepare(Fiber& fiber)
{
    auto top = reinterpret_cast<uintptr_t>(fiber.stack.data() + fiber.stack.size()) & ~uintptr_t(15);
    auto slots = reinterpret_cast<void**>(top) - 8;   // six registers, the address to return to, and one that keeps the stack aligned
    std::memset(slots, 0, 8 * sizeof(void*));
    slots[6] = reinterpret_cast<void*>(first);
    fiber.pointer = slots;
}
#else
ucontext_t scheduler;

void leave() { swapcontext(&fibers[current].context, &scheduler); }

void enter() { swapcontext(&scheduler, &fibers[current].context); }

void prepare(Fiber& fiber)
{
    getcontext(&fiber.context);
    fiber.context.uc_stack.ss_sp = fiber.stack.data();
    fiber.context.uc_stack.ss_size = fiber.stack.size();
    fiber.context.uc_link = &scheduler;
    makecontext(&fiber.context, run_thread, 0);
}
#endif

int fail(const char* format, ...)
{
    va_list values;
    va_start(values, format);
    std::vsnprintf(message, sizeof message, format, values);
    va_end(values);
    return 1;
}

bool can_go_on(const Fiber& fiber, const Warp& warp)
{
    return fiber.waits == Waits::Nothing || (fiber.waits == Waits::Exchange && warp.complete >= fiber.exchanges);
}

// Runs one warp until none of its lanes can go on.
bool run_warp(int index, bool reversed)
{
    bool moved = false;
    for (bool again = true; again;)
    {
        again = false;
        for (int i = 0; i < WARP; i++)
        {
            current = index * WARP + (reversed ? WARP - 1 - i : i);
            if (can_go_on(fibers[current], warps[index]))
            {
                place.thread = current;
                fibers[current].waits = Waits::Nothing;
                enter();
                moved = again = true;
            }
        }
    }

    return moved;
}

// Opens the barrier if all stand at it, says what is wrong if nobody can move.
int release(const char* name)
{
    const Fiber& sample = fibers[0];
    for (size_t i = 0; i < fibers.size(); i++)
    {
        if (fibers[i].waits == Waits::Exchange)
        {
            return fail("%s: thread %zu of block (%d,%d,%d) exchanges at line %d with lanes that do not come", name, i, place.block[0], place.block[1], place.block[2], fibers[i].site);
        }

        if (fibers[i].waits != sample.waits || (sample.waits == Waits::Barrier && fibers[i].site != sample.site))
        {
            const Fiber& waiting = fibers[i].waits == Waits::Barrier ? fibers[i] : sample;
            return fail("%s: not all threads of block (%d,%d,%d) reach the barrier at line %d", name, place.block[0], place.block[1], place.block[2], waiting.site);
        }
    }

    for (Fiber& fiber : fibers)
    {
        fiber.waits = fiber.waits == Waits::Barrier ? Waits::Nothing : fiber.waits;
    }

    return 0;
}

int run_block(const char* name, bool reversed)
{
    for (Fiber& fiber : fibers)
    {
        fiber.waits = Waits::Nothing;
        fiber.exchanges = 0;
        prepare(fiber);
    }

    std::memset(warps.data(), 0, warps.size() * sizeof(Warp));
    int count = (int)warps.size();
    while (true)
    {
        bool moved = false;
        for (int i = 0; i < count; i++)
        {
            moved |= run_warp(reversed ? count - 1 - i : i, reversed);
        }

        if (message[0])
        {
            return 1;
        }

        if (!moved)
        {
            return 0;   // all have returned: anything else was released or refused below
        }

        if (release(name) != 0)
        {
            return 1;
        }
    }
}

int launch(const char* name, const unsigned (&grid)[3], unsigned threads, unsigned sharedBytes, void** values, bool reversed)
{
    std::lock_guard<std::mutex> alone(one_launch);
    message[0] = 0;
    const Kernel* kernel = kernels;
    while (kernel && std::strcmp(kernel->name, name) != 0)
    {
        kernel = kernel->next;
    }

    if (!kernel)
    {
        return fail("there is no kernel '%s'", name);
    }

    if (threads != THREADS || grid[0] == 0 || grid[1] == 0 || grid[2] == 0 || sharedBytes > sizeof dynamic_shared)
    {
        return fail("%s: cannot run %u threads in (%u,%u,%u) blocks with %u bytes of shared memory", name, threads, grid[0], grid[1], grid[2], sharedBytes);
    }

    body = kernel->body;
    arguments = values;
    fibers.resize(threads);
    warps.resize(threads / WARP);
    for (Fiber& fiber : fibers)
    {
        fiber.stack.resize(64 * 1024);
    }

    for (int i = 0; i < 3; i++)
    {
        place.blocks[i] = (int)grid[i];
    }

    for (place.block[2] = 0; place.block[2] < place.blocks[2]; place.block[2]++)
    {
        for (place.block[1] = 0; place.block[1] < place.blocks[1]; place.block[1]++)
        {
            for (place.block[0] = 0; place.block[0] < place.blocks[0]; place.block[0]++)
            {
                std::memset(dynamic_shared, 0xff, sharedBytes);
                if (run_block(name, reversed) != 0)
                {
                    return 1;
                }
            }
        }
    }

    return 0;
}
}

Place place;

Kernel::Kernel(const char* name, Body body) : name(name), body(body), next(kernels) { kernels = this; }

void barrier(int site)
{
    fibers[current].waits = Waits::Barrier;
    fibers[current].site = site;
    leave();
}

const unsigned* exchange(unsigned value, int site)
{
    Fiber& fiber = fibers[current];
    Warp& warp = warps[current / WARP];
    unsigned* values = warp.values[fiber.exchanges++ % 2];
    values[current % WARP] = value;
    if (warp.arrived != 0 && warp.site != site)
    {
        fail("lanes of a warp exchange at line %d and at line %d", warp.site, site);
        fiber.waits = Waits::Forever;
        leave();
    }

    warp.site = site;
    if (++warp.arrived == WARP)
    {
        warp.arrived = 0;
        warp.complete++;
        return values;
    }

    fiber.waits = Waits::Exchange;
    fiber.site = site;
    leave();
    return values;
}
}

// As cuLaunchKernel. 0, or 1 with a sentence in rwkvsk_error().
extern "C" int rwkvsk_launch(
    const char* kernel, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz, unsigned sharedBytes, void** values)
{
    const unsigned grid[3] = {gx, gy, gz};
    return host::launch(kernel, grid, bx * by * bz, sharedBytes, values, false);
}

// The same with the last thread running first.
extern "C" int rwkvsk_launch_reversed(
    const char* kernel, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz, unsigned sharedBytes, void** values)
{
    const unsigned grid[3] = {gx, gy, gz};
    return host::launch(kernel, grid, bx * by * bz, sharedBytes, values, true);
}

// Why this thread's last launch failed; empty if it did not.
extern "C" const char* rwkvsk_error() { return host::message; }
