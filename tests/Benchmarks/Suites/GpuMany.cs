using RwkvSk.Benchmarks.Harness;
using RwkvSk.Engine;
using RwkvSk.Engine.Kernels.Cuda;
using RwkvSk.Engine.Kernels.Cuda.Driver;
using RwkvSk.Engine.Models;
using RwkvSk.Engine.Scheduling;
using RwkvSk.Engine.Weights;

namespace RwkvSk.Benchmarks.Suites;

/// <summary>Steps of many positions both ways, by the kernels and by cuBLAS: whether the threshold between them pays, and where it belongs.</summary>
internal static class GpuMany
{
    private const int Least = 8;

    /// <summary>Adds a table of batches.</summary>
    /// <param name="path">The model's folder.</param>
    /// <param name="name">How the report calls it.</param>
    /// <param name="precision">The weights' format; of integers nothing is to be compared.</param>
    /// <param name="batches">Sequences at once; from eight on, and sixteen beside them.</param>
    /// <param name="settings">How often.</param>
    /// <param name="report">Where to.</param>
    public static void Add(string path, string name, WeightPrecision precision, int[] batches, Settings settings, Report report)
    {
        var cublas = Cublas.TryLoad(out _);
        if (cublas is null || precision is WeightPrecision.Int8 or WeightPrecision.Int4)
        {
            return;
        }

        int[] sizes = [.. batches.Append(2 * Least).Where(static size => size >= Least).Distinct().Order()];
        using var file = ModelFolder.Open(path).OpenWeights();
        var config = RwkvConfig.Read(new WeightScope(new FileWeightSource(file, TorchSharp.torch.CPU, TorchSharp.torch.ScalarType.Float32)));
        var (most, state) = (sizes[^1], (long)config.LayerCount * config.StateRows * config.Width * sizeof(float));
        using var context = CudaContext.Open(CudaDriver.TryLoad(out var reason) ?? throw new LibTorchException($"CUDA was asked for, but {reason}."));
        using var states = context.Allocate((most + 1) * state);
        context.Stream.Fill(states, 0);
        using var kernels = Decoder(null);
        using var products = Decoder(cublas);
        var cases = new List<Case>();
        foreach (var size in sizes)
        {
            BatchRow[] rows = [.. Enumerable.Range(0, size).Select(static slot => new BatchRow(slot, new[] { slot + 1 }, null, true))];
            var logits = new float[(long)size * config.VocabularySize];
            cases.Add(new Case($"{size} at once, the kernels alone", () => kernels.Decode(rows, logits)) { Items = size });
            cases.Add(new Case($"{size} at once, cuBLAS", () => products.Decode(rows, logits)) { Items = size });
        }

        var figures = Contest.Run(settings.Rounds, [.. cases]);
        report.Add($"many at once, {name} in {precision}; the engine changes from one to the other at {CudaDecoder.ManyPositions}", figures);

        CudaDecoder Decoder(ICublas? multiplies) => new(
            context, file, "", config, states.Pointer, most + 1, new CudaDecoderOptions(most, precision) { Cublas = multiplies, ManyPositions = Least });
    }
}
