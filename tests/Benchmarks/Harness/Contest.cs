using System.Diagnostics;

namespace RwkvSk.Benchmarks.Harness;

/// <summary>
/// Cases against each other on a machine that does other things as well: every round runs each of them once, so a slow moment hits them all, and ratios are taken
/// within a round. A sample repeats a short case until the clock's grain and the call do not matter.
/// </summary>
internal static class Contest
{
    private const double LeastSampleMilliseconds = 2;
    private const int MostRepeats = 1 << 16;

    /// <summary>Runs the cases.</summary>
    /// <param name="rounds">Samples of each; the median is reported.</param>
    /// <param name="cases">The first one is what the others are compared with.</param>
    public static IReadOnlyList<Figure> Run(int rounds, params ReadOnlySpan<Case> cases)
    {
        var repeats = new int[cases.Length];
        var (wall, cpu) = (new double[cases.Length][], new double[cases.Length][]);
        for (var i = 0; i < cases.Length; i++)
        {
            (repeats[i], wall[i], cpu[i]) = (Calibrate(cases[i]), new double[rounds], new double[rounds]);
        }

        for (var round = 0; round < rounds; round++)
        {
            for (var i = 0; i < cases.Length; i++)
            {
                (wall[i][round], cpu[i][round]) = Sample(cases[i], repeats[i]);
            }
        }

        var figures = new Figure[cases.Length];
        for (var i = 0; i < cases.Length; i++)
        {
            var median = Median(wall[i]);
            figures[i] = new Figure(
                cases[i].Name, median * 1e6, Median(cpu[i]) * 1e6, Ratio(wall[i], wall[0]), Ratio(cpu[i], cpu[0]),
                PerSecond(cases[i].Bytes / 1e9, median), PerSecond(cases[i].Flops / 1e9, median), PerSecond(cases[i].Items, median));
        }

        return figures;
    }

    /// <summary>The middle of the values.</summary>
    public static double Median(double[] values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[(sorted.Length / 2) - 1] + sorted[sorted.Length / 2]) / 2;
    }

    private static double Ratio(double[] times, double[] first) => Median([.. times.Select((time, round) => time / first[round])]);

    // Three samples: the first pays for compilation, page faults and whatever libtorch prepares.
    private static int Calibrate(Case candidate)
    {
        var repeats = 1;
        for (var attempt = 0; attempt < 3; attempt++)
        {
            var seconds = Sample(candidate, repeats).Wall;
            repeats = (int)Math.Clamp(Math.Ceiling(LeastSampleMilliseconds / (seconds * 1e3)), 1, MostRepeats);
        }

        return repeats;
    }

    private static (double Wall, double Cpu) Sample(Case candidate, int repeats)
    {
        var cpu = Environment.CpuUsage.TotalTime;
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < repeats; i++)
        {
            candidate.Run();
        }

        var wall = Stopwatch.GetElapsedTime(start);
        return (wall.TotalSeconds / repeats, (Environment.CpuUsage.TotalTime - cpu).TotalSeconds / repeats);
    }

    private static double? PerSecond(double amount, double seconds) => amount > 0 ? amount / seconds : null;
}
