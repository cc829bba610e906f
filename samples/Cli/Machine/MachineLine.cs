using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace RwkvSk.Cli.Machine;

/// <summary>The machine in one line: figures mean nothing without it.</summary>
internal static class MachineLine
{
    /// <summary>Processor, cores, vector width, memory, system, runtime.</summary>
    public static string Describe()
    {
        var vectors = Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : 128;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{Processor()}, {Environment.ProcessorCount} cores, {vectors}-bit vectors, {GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 1e9:F1} GB, {RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}");
    }

    private static string Processor()
    {
        const string Info = "/proc/cpuinfo";
        var line = File.Exists(Info) ? File.ReadLines(Info).FirstOrDefault(static line => line.StartsWith("model name", StringComparison.Ordinal)) : null;
        return line is null ? RuntimeInformation.ProcessArchitecture.ToString() : line[(line.IndexOf(':') + 1)..].Trim();
    }
}
