namespace RwkvSk.Engine.Kernels.Cuda;

/// <summary>How a <see cref="CudaDecoder"/> computes.</summary>
/// <param name="Positions">Most positions of a step.</param>
/// <param name="Precision">The number format of the matrices; <see cref="WeightPrecision.Auto"/> and fp32 keep the stored one, which loses nothing.</param>
/// <param name="UsesGraphs">Whether a step's launches are recorded once and run as one graph.</param>
internal readonly record struct CudaDecoderOptions(int Positions, WeightPrecision Precision, bool UsesGraphs = true)
{
    /// <summary>As an engine's options say.</summary>
    public static CudaDecoderOptions For(EngineOptions options) => new(Math.Max(1, options.MaxRunning), options.Precision);
}
