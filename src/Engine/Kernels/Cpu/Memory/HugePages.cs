using System.Runtime.InteropServices;

namespace RwkvSk.Engine.Kernels.Cpu;

/// <summary>Asks the operating system for large pages where it has such a thing; what it answers does not matter for correctness.</summary>
internal static unsafe partial class HugePages
{
    private const int Advice = 14;   // MADV_HUGEPAGE

    /// <summary>Linux: transparent huge pages for a range that starts on 2 MiB. Elsewhere nothing.</summary>
    public static void Advise(byte* start, long bytes)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        try
        {
            _ = Madvise(start, (nuint)bytes, Advice);
        }
        catch (Exception exception) when (exception is DllNotFoundException or EntryPointNotFoundException)
        {
            // A C library of another name: ordinary pages then.
        }
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Madvise(void* start, nuint bytes, int advice);
}
