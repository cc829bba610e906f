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
            // The largest threshold glibc accepts; a single arena, because only the main one keeps its memory for good.
            _ = Option(MmapThreshold, 32 << 20);
            _ = Option(TrimThreshold, int.MaxValue);
            _ = Option(ArenaMax, 1);
        }
        catch (EntryPointNotFoundException)
        {
            // another C library: nothing to tune
        }
    }

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int Option(int parameter, int value);
}
