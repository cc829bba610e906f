using System.Numerics;
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
    private const float Beta1 = 0.9f, Beta2 = 0.98f, Epsilon = 1e-9f;

    private readonly Tensor _flat;
    private readonly float[] _first, _second, _gradient;

    public ParameterStore(IReadOnlyList<ParameterSpec> specs, int seed)
    {
        Specs = specs;
        Offsets = new int[specs.Count + 1];
        for (var i = 0; i < specs.Count; i++)
        {
            Offsets[i + 1] = Offsets[i] + ((specs[i].Length + 15) & ~15);
        }

        _flat = zeros([Offsets[^1]], dtype: ScalarType.Float32).DetachFromDisposeScope();
        (_first, _second, _gradient) = (new float[Offsets[^1]], new float[Offsets[^1]], new float[Offsets[^1]]);
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

    /// <summary>Where the workers' gradients are added up, laid out like the parameters.</summary>
    public float[] Gradient => _gradient;

    /// <summary>One step on <see cref="Gradient"/>: <see cref="Muon"/> for the blocks' matrices, AdamW (decoupled weight decay, Loshchilov and Hutter 2019) for the rest.</summary>
    /// <param name="rate">The learning rate of both.</param>
    /// <param name="clip">Longer gradients are shortened to this.</param>
    /// <param name="weightDecay">Pulls matrices to zero, times the rate.</param>
    /// <param name="forEach">Runs an action for every number below a count, in any order, on threads that may use libtorch.</param>
    /// <returns>The gradient's norm before clipping.</returns>
    public float Update(float rate, float clip, float weightDecay, Action<int, Action<int>> forEach)
    {
        var norm = TensorPrimitives.Norm(_gradient);
        if (!float.IsFinite(norm))
        {
            return norm;   // a step that overflowed is skipped
        }

        Step++;
        var scale = norm > clip ? clip / norm : 1;
        float correct1 = 1 - MathF.Pow(Beta1, Step), correct2 = 1 - MathF.Pow(Beta2, Step);
        forEach(Specs.Count, i =>
        {
            var spec = Specs[i];
            var (at, keep) = (Offsets[i], 1 - (spec.Decays ? rate * weightDecay : 0));
            if (Muon.Applies(spec))
            {
                Move(Values(i), _gradient.AsSpan(at, spec.Length), _first.AsSpan(at, spec.Length), spec.Shape, rate, keep);
            }
            else
            {
                Descend(
                    Values(i), _gradient.AsSpan(at, spec.Length), _first.AsSpan(at, spec.Length), _second.AsSpan(at, spec.Length),
                    rate / correct1, keep, scale, 1 / correct2);
            }
        });
        return norm;
    }

    private static void Move(Span<float> values, ReadOnlySpan<float> gradient, Span<float> momentum, long[] shape, float rate, float keep)
    {
        var direction = new float[values.Length];
        TensorPrimitives.MultiplyAddEstimate(momentum, Muon.Momentum, Scaled(gradient, 1 - Muon.Momentum), momentum);
        TensorPrimitives.MultiplyAddEstimate(momentum, Muon.Momentum, Scaled(gradient, 1 - Muon.Momentum), direction);   // Nesterov's look ahead
        Muon.Orthogonalize(direction, shape[0], shape[1]);
        TensorPrimitives.Multiply(values, keep, values);
        TensorPrimitives.MultiplyAddEstimate(direction, -rate, values, values);

        static float[] Scaled(ReadOnlySpan<float> x, float factor)
        {
            var scaled = new float[x.Length];
            TensorPrimitives.Multiply(x, factor, scaled);
            return scaled;
        }
    }

    private static void Descend(Span<float> values, ReadOnlySpan<float> gradient, Span<float> first, Span<float> second, float rate, float keep, float scale, float unbias)
    {
        Vector<float> beta1 = new(Beta1), beta2 = new(Beta2), rest1 = new(1 - Beta1), rest2 = new(1 - Beta2), epsilon = new(Epsilon);
        var i = 0;
        for (; i <= values.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            var g = new Vector<float>(gradient[i..]) * scale;
            var m = (new Vector<float>(first[i..]) * beta1) + (g * rest1);
            var v = (new Vector<float>(second[i..]) * beta2) + (g * g * rest2);
            m.CopyTo(first[i..]);
            v.CopyTo(second[i..]);
            ((new Vector<float>(values[i..]) * keep) - (m * rate / (Vector.SquareRoot(v * unbias) + epsilon))).CopyTo(values[i..]);
        }

        for (; i < values.Length; i++)
        {
            var g = gradient[i] * scale;
            first[i] = (first[i] * Beta1) + (g * (1 - Beta1));
            second[i] = (second[i] * Beta2) + (g * g * (1 - Beta2));
            values[i] = (values[i] * keep) - (first[i] * rate / (MathF.Sqrt(second[i] * unbias) + Epsilon));
        }
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
