using RwkvSk.Engine.Kernels.Cuda.Driver;
using RwkvSk.Engine.Models;

namespace RwkvSk.Engine.Kernels.Cuda;

/// <summary>How a <see cref="CudaDecoder"/> computes.</summary>
/// <param name="Positions">Most positions of a step.</param>
/// <param name="Precision">The number format of the matrices; <see cref="WeightPrecision.Auto"/> and fp32 keep the stored one, which loses nothing.</param>
/// <param name="UsesGraphs">Whether a step's launches are recorded once and run as one graph.</param>
internal readonly record struct CudaDecoderOptions(int Positions, WeightPrecision Precision, bool UsesGraphs = true)
{
    /// <summary>Multiplies at many positions; null leaves that to the kernels.</summary>
    public ICublas? Cublas { get; init; }

    /// <summary>From how many positions on.</summary>
    public int ManyPositions { get; init; } = CudaDecoder.ManyPositions;

    /// <summary>Whether there are ever so many, and matrices that cuBLAS multiplies.</summary>
    public bool Multiplies => CudaKernels.BucketFor(Positions) >= ManyPositions && Precision is not (WeightPrecision.Int8 or WeightPrecision.Int4);

    /// <summary>Bytes on the device that cuBLAS's products take: its workspace, and what they read in 16 bits, about nine vectors of the model's width and one of the channel mix's.</summary>
    public long ManyBytes(RwkvConfig config) => Multiplies
        ? CublasHandle.WorkspaceBytes + (CudaKernels.BucketFor(Positions) * ((9L * config.Width) + config.FfnWidth) * sizeof(ushort))
        : 0;

    /// <summary>As an engine's options say.</summary>
    public static CudaDecoderOptions For(EngineOptions options) => new(Math.Max(1, options.MaxRunning), options.Precision);
}
