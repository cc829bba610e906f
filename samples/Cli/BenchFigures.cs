namespace RwkvSk.Cli;

/// <summary>Tokens per second of all sequences of a batch together.</summary>
internal sealed record BatchFigure(int Size, double TokensPerSecond);

/// <summary>What <c>bench</c> measures: medians of interleaved rounds.</summary>
internal sealed record BenchFigures(string Model, string Device, string Precision, int Threads)
{
    public double PrefillTokensPerSecond { get; init; }

    public double DecodeTokensPerSecond { get; init; }

    public IReadOnlyList<BatchFigure> Batch { get; init; } = [];

    /// <summary>How fast the machine reads memory.</summary>
    public double ReadLimitGbPerSecond { get; init; }

    /// <summary>Bytes of weights that decoding reads, over that. Above 1 where the model fits into the caches.</summary>
    public double DecodeFractionOfLimit { get; init; }

    /// <summary>How fast libtorch multiplies matrices in the model's number format.</summary>
    public double GemmLimitGflops { get; init; }

    /// <summary>Operations of the products of a prompt (the head's once, not at every position), over that.</summary>
    public double PrefillFractionOfLimit { get; init; }

    public double LoadMs { get; init; }

    public double PeakRssMb { get; init; }

    public double CaptureMs { get; init; }

    public double RestoreMs { get; init; }
}
