namespace RwkvSk.Cli;

/// <summary>Tokens per second of all sequences of a batch together.</summary>
internal sealed record BatchFigure(int Size, double TokensPerSecond);

/// <summary>What <c>bench</c> measures; null for what it does not measure.</summary>
internal sealed record BenchFigures(string Model, string Device, string Precision, int Threads)
{
    public double PrefillTokensPerSecond { get; init; }

    public double DecodeTokensPerSecond { get; init; }

    public IReadOnlyList<BatchFigure> Batch { get; init; } = [];

    public double? ReadLimitGbPerSecond { get; init; }

    public double? DecodeFractionOfLimit { get; init; }

    public double? GemmLimitGflops { get; init; }

    public double? PrefillFractionOfLimit { get; init; }

    public double LoadMs { get; init; }

    public double PeakRssMb { get; init; }

    public double CaptureMs { get; init; }

    public double RestoreMs { get; init; }
}
