using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace RwkvSk.Engine.Kernels.Cpu;

/// <summary>Hints to the processor's caches.</summary>
internal static unsafe class Cache
{
    private const int Line = 64;

    /// <summary>Asks for up to four lines that will be needed soon. Any address may be given; what lies past the end is not read.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(byte* at, int bytes)
    {
        if (!Sse.IsSupported)
        {
            return;
        }

        // Written out: the count is known to the compiler, and a loop in a kernel's innermost loop is not unrolled.
        Sse.Prefetch0(at);
        if (bytes > Line)
        {
            Sse.Prefetch0(at + Line);
        }

        if (bytes > 2 * Line)
        {
            Sse.Prefetch0(at + (2 * Line));
        }

        if (bytes > 3 * Line)
        {
            Sse.Prefetch0(at + (3 * Line));
        }
    }
}
