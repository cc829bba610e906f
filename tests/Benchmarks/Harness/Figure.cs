namespace RwkvSk.Benchmarks.Harness;

/// <summary>What a case took: medians over the rounds. Null where the case does not say what it moves.</summary>
/// <param name="Name">The case.</param>
/// <param name="Microseconds">Wall time of a run.</param>
/// <param name="CpuMicroseconds">Processor time of a run, all threads of the process.</param>
/// <param name="Ratio">Wall time over the first case's, round by round: what else the machine was doing hits both.</param>
/// <param name="CpuRatio">Processor time over the first case's: what counts where others take the processors away.</param>
/// <param name="GigabytesPerSecond">Bytes over time.</param>
/// <param name="Gflops">Operations over time.</param>
/// <param name="ItemsPerSecond">Items over time.</param>
internal sealed record Figure(
    string Name, double Microseconds, double CpuMicroseconds, double Ratio, double CpuRatio, double? GigabytesPerSecond, double? Gflops, double? ItemsPerSecond);
