using System.Globalization;

namespace RwkvSk.Engine.Models;

/// <summary>How much memory is free: the machine's, or what the process's control group leaves of it.</summary>
internal static class SystemMemory
{
    /// <summary>Bytes that can be taken now.</summary>
    public static long Available() => Math.Min(Machine(), ControlGroup("/sys/fs/cgroup"));

    /// <summary>What a control group (version 2) leaves: its limit less what it uses and cannot drop; all there is where it has no limit.</summary>
    /// <param name="folder">The group's folder.</param>
    public static long ControlGroup(string folder)
    {
        if (Number(Path.Combine(folder, "memory.max")) is not { } limit || Number(Path.Combine(folder, "memory.current")) is not { } used)
        {
            return long.MaxValue;
        }

        // Pages of files count as used and are dropped when others need them.
        var droppable = Lines(Path.Combine(folder, "memory.stat"))
            .Where(static line => line.StartsWith("active_file ", StringComparison.Ordinal) || line.StartsWith("inactive_file ", StringComparison.Ordinal))
            .Sum(static line => long.Parse(line[(line.IndexOf(' ') + 1)..], CultureInfo.InvariantCulture));
        return Math.Max(0, limit - Math.Max(0, used - droppable));
    }

    private static long Machine()
    {
        var line = Lines("/proc/meminfo").FirstOrDefault(static line => line.StartsWith("MemAvailable:", StringComparison.Ordinal));
        return line is null
            ? GC.GetGCMemoryInfo().TotalAvailableMemoryBytes
            : long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
    }

    private static long? Number(string path) => long.TryParse(Lines(path).FirstOrDefault(), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null;

    private static string[] Lines(string path)
    {
        try
        {
            return File.Exists(path) ? File.ReadAllLines(path) : [];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return [];   // a group that cannot be asked sets no limit that we know
        }
    }
}
