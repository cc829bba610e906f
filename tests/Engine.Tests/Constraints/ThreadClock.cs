using System.Diagnostics;
using System.Runtime.InteropServices;

namespace RwkvSk.Engine.Tests.Constraints;

/// <summary>Processor time of the calling thread, so that a busy machine does not look like slow code; wall time where the system is not Linux.</summary>
internal static class ThreadClock
{
    private const int ThreadProcessorTime = 3;   // CLOCK_THREAD_CPUTIME_ID

    public static double Milliseconds
    {
        get
        {
            if (!OperatingSystem.IsLinux() || ClockGetTime(ThreadProcessorTime, out var time) != 0)
            {
                return Stopwatch.GetTimestamp() * 1000.0 / Stopwatch.Frequency;
            }

            return (time.Seconds * 1e3) + (time.Nanoseconds / 1e6);
        }
    }

    [DllImport("libc", EntryPoint = "clock_gettime")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int ClockGetTime(int clock, out Time time);

    [StructLayout(LayoutKind.Sequential)]
    private struct Time
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
