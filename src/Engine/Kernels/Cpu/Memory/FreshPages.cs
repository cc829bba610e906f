using System.Runtime.InteropServices;

namespace RwkvSk.Engine.Kernels.Cpu;

/// <summary>Asks the operating system for all pages of new memory at once, which takes it a fraction of the time that one fault after the other does; what it answers does not matter for correctness.</summary>
internal static unsafe partial class FreshPages
{
    private const int Advice = 23;   // MADV_POPULATE_WRITE, Linux 5.14; older ones refuse it
    private const nuint Page = 4096;

    /// <summary>Linux: the whole pages under the numbers, which keep their values. Elsewhere nothing.</summary>
    public static void Populate(Span<float> numbers)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        fixed (float* data = numbers)
        {
            var (start, end) = (((nuint)data + Page - 1) & ~(Page - 1), (nuint)(data + numbers.Length) & ~(Page - 1));
            try
            {
                _ = end > start ? Madvise((void*)start, end - start, Advice) : 0;
            }
            catch (Exception exception) when (exception is DllNotFoundException or EntryPointNotFoundException)
            {
                // A C library of another name: one fault after the other then.
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Madvise(void* start, nuint bytes, int advice);
}
