using RwkvSk.Engine;
using RwkvSk.Engine.Models;
using RwkvSk.Engine.Scheduling;
using RwkvSk.TestKit;

namespace RwkvSk.Gpu.Tests;

/// <summary>A golden checkpoint on the GPU, as the engine loads it.</summary>
internal sealed class GpuModel : IDisposable
{
    private readonly string _version, _checkpoint;

    public GpuModel(string version, WeightPrecision precision, string checkpoint = "small_fp32.safetensors", int slots = 4)
    {
        (_version, _checkpoint) = (version, checkpoint);
        Runner = ModelLoader.Load(Golden.File(version, checkpoint), new EngineOptions { Device = Device.Cuda, Precision = precision, MaxRunning = slots }, loggers: null).Runner;
    }

    public TorchModelRunner Runner { get; }

    /// <summary>What the reference gives.</summary>
    public GoldenTensors Expected => GoldenTensors.Read(Golden.File(_version, Path.GetFileNameWithoutExtension(_checkpoint) + ".expected.safetensors"));

    /// <summary>Reads a prompt; the logits after it.</summary>
    public float[] Read(int slot, ReadOnlySpan<int> tokens) => Step(Phase.Prefill, new BatchRow(slot, tokens.ToArray(), null, true));

    /// <summary>Reads one token of each.</summary>
    public float[] Decode(params (int Slot, int Token)[] rows) => Step(Phase.Decode, [.. rows.Select(static row => new BatchRow(row.Slot, new[] { row.Token }, null, true))]);

    /// <summary>Decodes a sequence token by token; the logits at every position. [T,V]</summary>
    public float[] DecodeAll(int slot, IEnumerable<int> tokens) => [.. tokens.SelectMany(token => Decode((slot, token)))];

    /// <summary>How far logits are under a precision. Quantised weights are judged by their mean error instead.</summary>
    public static Tolerance ToleranceOf(WeightPrecision precision) => precision switch
    {
        WeightPrecision.BFloat16 => Tolerance.BFloat16Model,
        WeightPrecision.Float16 => Tolerance.Float16Model,
        _ => Tolerance.Float32,
    };

    public void Dispose() => Runner.Dispose();

    private float[] Step(Phase phase, params BatchRow[] rows)
    {
        var logits = new float[rows.Length * Runner.VocabularySize];
        Runner.Step(new Batch(phase, rows), logits);
        return logits;
    }
}
