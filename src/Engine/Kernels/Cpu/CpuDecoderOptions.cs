namespace RwkvSk.Engine.Kernels.Cpu;

/// <summary>How a <see cref="CpuDecoder"/> computes.</summary>
/// <param name="Positions">Most positions of a step.</param>
/// <param name="Threads">Threads, the caller's among them.</param>
/// <param name="Precision">The number format of the matrices; <see cref="WeightPrecision.Auto"/> and fp32 keep the stored one, which loses nothing.</param>
/// <param name="Level">Vector width.</param>
internal readonly record struct CpuDecoderOptions(int Positions, int Threads, WeightPrecision Precision, SimdLevel Level)
{
    /// <summary>As an engine's options say, at the widest level.</summary>
    public static CpuDecoderOptions For(EngineOptions options) =>
        new(Math.Max(options.MaxRunning, CpuDecoder.FewPositions), options.Threads ?? Environment.ProcessorCount, options.Precision, SimdLevels.Best);
}
