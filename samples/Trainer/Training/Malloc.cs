using System.Runtime.InteropServices;

namespace RwkvSk.Trainer.Training;

/// <summary>
/// Tells glibc to keep freed blocks. By default every large tensor is mapped and unmapped afresh, and clearing its pages costs a third of a training step.
/// </summary>
internal static partial class Malloc
{
    private const int TrimThreshold = -1, MmapThreshold = -3, ArenaMax = -8;

    /// <summary>Does nothing where there is no glibc.</summary>
    public static void KeepFreedMemory()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        try
        {
            _ = Option(MmapThreshold, 1 << 30);
            _ = Option(TrimThreshold, int.MaxValue);
            _ = Option(ArenaMax, 4);
        }
        catch (EntryPointNotFoundException)
        {
            // another C library: nothing to tune
        }
    }

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int Option(int parameter, int value);
}
