using System.Runtime.InteropServices;
using RwkvSk.Engine.Weights;
using static TorchSharp.torch;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace RwkvSk.Trainer.Training;

/// <summary>
/// All parameters in one fp32 buffer, with AdamW's moments beside it. Every worker makes its own leaves over the same memory, so values are shared and
/// gradients are not; the optimizer writes only while no graph is alive.
/// </summary>
internal sealed class ParameterStore : IDisposable
{
    private readonly Tensor _flat;
    private readonly float[] _first, _second;

    public ParameterStore(IReadOnlyList<ParameterSpec> specs, int seed)
    {
        Specs = specs;
        Offsets = new int[specs.Count + 1];
        for (var i = 0; i < specs.Count; i++)
        {
            Offsets[i + 1] = Offsets[i] + ((specs[i].Length + 15) & ~15);
        }

        _flat = zeros([Offsets[^1]], dtype: ScalarType.Float32).DetachFromDisposeScope();
        (_first, _second) = (new float[Offsets[^1]], new float[Offsets[^1]]);
        var random = new Random(seed);
        for (var i = 0; i < specs.Count; i++)
        {
            specs[i].Fill(Values(i), random);
        }
    }

    public IReadOnlyList<ParameterSpec> Specs { get; }

    public int[] Offsets { get; }

    public int Step { get; set; }

    public Span<float> Values(int index) => MemoryMarshal.Cast<byte, float>(_flat.bytes).Slice(Offsets[index], Specs[index].Length);

    /// <summary>Leaves over the shared memory that collect their own gradients.</summary>
    public Dictionary<string, Tensor> CreateLeaves() => Specs.Select((spec, i) =>
        (spec.Name, Leaf: _flat.narrow(0, Offsets[i], spec.Length).view(spec.Shape).detach().requires_grad_(true).DetachFromDisposeScope())).ToDictionary(x => x.Name, x => x.Leaf);

    /// <summary>One AdamW step (decoupled weight decay, Loshchilov and Hutter 2019) on gradients laid out like the parameters.</summary>
    /// <returns>The gradient's norm before clipping.</returns>
    public float Update(ReadOnlySpan<float> gradient, float rate, float clip, float weightDecay, Func<string, float> rateScale)
    {
        const float Beta1 = 0.9f, Beta2 = 0.98f, Epsilon = 1e-9f;
        var norm = MathF.Sqrt(TensorPrimitives.SumOfSquares(gradient));
        if (!float.IsFinite(norm))
        {
            return norm;   // a step that overflowed is skipped
        }

        Step++;
        var scale = norm > clip ? clip / norm : 1;
        float correct1 = 1 - MathF.Pow(Beta1, Step), correct2 = 1 - MathF.Pow(Beta2, Step);
        for (var i = 0; i < Specs.Count; i++)
        {
            var at = Offsets[i];
            var values = Values(i);
            var r = rate * rateScale(Specs[i].Name);
            var decay = 1 - (Specs[i].Decays ? r * weightDecay : 0);
            for (var j = 0; j < values.Length; j++)
            {
                var g = gradient[at + j] * scale;
                ref var m = ref _first[at + j];
                ref var v = ref _second[at + j];
                m = (Beta1 * m) + ((1 - Beta1) * g);
                v = (Beta2 * v) + ((1 - Beta2) * g * g);
                values[j] = (values[j] * decay) - (r * (m / correct1) / (MathF.Sqrt(v / correct2) + Epsilon));
            }
        }

        return norm;
    }

    /// <summary>Writes parameters, moments and the step.</summary>
    public void Save(string path) => SafetensorsWriter.Write(
        path,
        Specs.SelectMany((spec, i) => new[]
        {
            SafetensorsTensor.From(spec.Name, spec.Shape, Values(i).ToArray()),
            SafetensorsTensor.From("adam.first." + spec.Name, spec.Shape, _first.AsMemory(Offsets[i], spec.Length)),
            SafetensorsTensor.From("adam.second." + spec.Name, spec.Shape, _second.AsMemory(Offsets[i], spec.Length)),
        }),
        new Dictionary<string, string> { ["step"] = Step.ToString(System.Globalization.CultureInfo.InvariantCulture) });

    /// <summary>Continues from a saved checkpoint. Tensors it lacks (or has in another shape) keep their first values.</summary>
    public int Load(string path, int step)
    {
        using var file = SafetensorsFile.Open(path);
        var missing = 0;
        for (var i = 0; i < Specs.Count; i++)
        {
            var spec = Specs[i];
            if (!file.Tensors.TryGetValue(spec.Name, out var info) || !info.Shape.SequenceEqual(spec.Shape))
            {
                missing++;
                continue;
            }

            file.Floats(spec.Name).CopyTo(Values(i));
            if (file.Tensors.ContainsKey("adam.first." + spec.Name))
            {
                file.Floats("adam.first." + spec.Name).CopyTo(_first, Offsets[i]);
                file.Floats("adam.second." + spec.Name).CopyTo(_second, Offsets[i]);
            }
        }

        Step = step;
        return missing;
    }

    public void Dispose() => _flat.Dispose();
}
