using RwkvSk.Benchmarks.Harness;
using RwkvSk.Engine;
using RwkvSk.Engine.Kernels.Cuda;
using RwkvSk.Engine.Kernels.Cuda.Driver;
using RwkvSk.Engine.Kernels.Cuda.Parameters;
using RwkvSk.Engine.Models;
using RwkvSk.Engine.Sampling;
using RwkvSk.Engine.Scheduling;
using RwkvSk.Engine.Weights;
using RwkvSk.TestKit;

namespace RwkvSk.Benchmarks.Suites;

/// <summary>The decoder alone, without libtorch: what a step reads and how long it takes, beside a copy on the device.</summary>
internal static class GpuDecode
{
    private const int Steps = 32;

    /// <summary>Adds a table of batches.</summary>
    /// <param name="path">The model's folder.</param>
    /// <param name="name">How the report calls it.</param>
    /// <param name="precision">The weights' format.</param>
    /// <param name="batches">Sequences at once.</param>
    /// <param name="copy">Bytes per second of a copy on the device.</param>
    /// <param name="settings">How often.</param>
    /// <param name="report">Where to.</param>
    public static void Add(string path, string name, WeightPrecision precision, int[] batches, double copy, Settings settings, Report report)
    {
        using var file = ModelFolder.Open(path).OpenWeights();
        var config = RwkvConfig.Read(new WeightScope(new FileWeightSource(file, TorchSharp.torch.CPU, TorchSharp.torch.ScalarType.Float32)));
        var (most, state) = (batches.Max(), (long)config.LayerCount * config.StateRows * config.Width * sizeof(float));
        using var context = CudaContext.Open(CudaDriver.TryLoad(out var reason) ?? throw new LibTorchException($"CUDA was asked for, but {reason}."));
        using var states = context.Allocate((most + 1) * state);
        context.Stream.Fill(states, 0);
        using var decoder = new CudaDecoder(context, file, "", config, states.Pointer, most + 1, new CudaDecoderOptions(most, precision) { Cublas = Cublas.TryLoad(out _) });
        using var launches = new CudaDecoder(context, file, "", Shallow(config), states.Pointer, most + 1, new CudaDecoderOptions(1, precision));
        var table = file.Find("emb.weight");
        var weights = decoder.WeightBytes - (table.Count * table.Type.ItemSize());
        var vocabulary = new SamplingVocabulary(ByteTokenizer.Instance, config.VocabularySize, [.. Enumerable.Range(0, config.VocabularySize)]);
        var cases = new List<Case>();
        foreach (var size in batches)
        {
            BatchRow[] rows = [.. Enumerable.Range(0, size).Select(slot => new BatchRow(slot, new[] { slot + 1 }, null, true))];
            var logits = new float[(long)size * config.VocabularySize];
            var (choices, tokens) = (new Choice[size], new int[Steps * size]);
            var (draws, samplers) = (new ChosenToken[size], rows.Select(row => new Sampler(new SamplingOptions { Seed = row.Slot }, vocabulary)).ToArray());
            BatchRow[] choosing = [.. rows.Zip(samplers, static (row, sampler) => row with { WantLogits = false, Choice = sampler.Choice })];
            var bytes = weights + (2.0 * size * state);
            cases.Add(new Case($"{size} at once, logits to the host", () => decoder.Decode(rows, logits)) { Items = size, Bytes = bytes });
            cases.Add(new Case($"{size} at once, logits to the host and tokens sampled there", () => Sample(rows, logits, samplers)) { Items = size, Bytes = bytes });
            cases.Add(new Case($"{size} at once, tokens sampled on the GPU", () => decoder.Decode(choosing, [], draws)) { Items = size, Bytes = bytes });
            cases.Add(new Case($"{size} at once, {Steps} steps, tokens chosen on the GPU", () => decoder.Generate(rows, choices, Steps, tokens)) { Items = size * Steps, Bytes = bytes * Steps });
        }

        var figures = Contest.Run(settings.Rounds, [.. cases]);
        report.Add($"decode, {name} in {precision}: {weights / 1e6:F0} MB of weights, a state of {state / 1e6:F1} MB", figures);
        report.Add(
            $"decode, {name}: share of the copy's bandwidth",
            [.. figures.Select(figure => new Value(figure.Name, figure.GigabytesPerSecond * 1e9 / copy * 100, "%")), new Value("peak memory of the decoder and its states", context.AllocatedBytes / 1e9, "GB")]);
        var one = Contest.Run(settings.Rounds, new Case("one layer", () => launches.Decode([new BatchRow(0, new[] { 1 }, null, false)], [])));
        report.Add($"a step of one layer of {name} without its head: launch and wait, little else", one);

        void Sample(BatchRow[] rows, Span<float> logits, Sampler[] samplers)
        {
            decoder.Decode(rows, logits);
            for (var i = 0; i < rows.Length; i++)
            {
                samplers[i].Sample(logits.Slice(i * config.VocabularySize, config.VocabularySize));
            }
        }
    }

    private static RwkvConfig Shallow(RwkvConfig config) => config with { LayerCount = 1 };
}
