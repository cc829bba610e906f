using System.Numerics;
using System.Runtime.InteropServices;

namespace RwkvSk.Engine.Weights;

/// <summary>
/// A checkpoint with an adapter merged into it. Low-rank pairs are added (W + α/r · B·A), blocks of a bone adapter likewise, whole tensors of the adapter replace the
/// checkpoint's. A merged tensor is computed in fp32 when first asked for and kept in the checkpoint's own type. Owns both files.
/// </summary>
internal sealed unsafe class AdaptedWeightFile : IWeightFile
{
    private const string Down = ".lora_A", Up = ".lora_B", InitialDown = ".init_lora_A", InitialUp = ".init_lora_B", Bone = ".bone", Prefix = "rwkv.";

    private readonly IWeightFile _model, _adapter;
    private readonly IWeightFile? _initial;
    private readonly double? _alpha;
    private readonly PrivateCopies _copies = new();
    private readonly Dictionary<string, WeightInfo> _tensors;
    private readonly Dictionary<string, string> _deltas = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _replacements = new(StringComparer.Ordinal);

    private AdaptedWeightFile(IWeightFile model, IWeightFile adapter, IWeightFile? initial, double? alpha)
    {
        (_model, _adapter, _initial, _alpha) = (model, adapter, initial, alpha);
        _tensors = new(model.Tensors, StringComparer.Ordinal);
        foreach (var (name, info) in adapter.Tensors)
        {
            if (name.EndsWith(Up, StringComparison.Ordinal))
            {
                Require(adapter.Tensors.ContainsKey(name[..^Up.Length] + Down), name, $"its partner '{Down}'");
            }
            else if (name.EndsWith(Down, StringComparison.Ordinal))
            {
                AddDelta(name[..^Down.Length], info);
            }
            else if (name.EndsWith(Bone, StringComparison.Ordinal))
            {
                AddBone(name[..^Bone.Length], info);
            }
            else
            {
                Replace(name, info);
            }
        }
    }

    /// <summary>Merges an adapter into an open checkpoint.</summary>
    /// <exception cref="ModelFormatException">A tensor of the adapter has no partner of fitting size in the checkpoint. Nothing stays open then.</exception>
    public static AdaptedWeightFile Open(IWeightFile model, AdapterOptions options)
    {
        IWeightFile? adapter = null, initial = null;
        try
        {
            adapter = WeightFiles.OpenAsIs(options.Path);
            initial = options.InitialPath is { } path ? WeightFiles.OpenAsIs(path) : null;
            return new AdaptedWeightFile(model, adapter, initial, options.Alpha);
        }
        catch
        {
            initial?.Dispose();
            adapter?.Dispose();
            model.Dispose();
            throw;
        }
    }

    /// <summary>The checkpoint without the adapter.</summary>
    public IWeightFile Model => _model;

    /// <inheritdoc/>
    public string Path => _model.Path;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, WeightInfo> Tensors => _tensors;

    /// <summary>How many of the checkpoint's tensors the adapter changes.</summary>
    public int ChangedCount => _deltas.Count + _replacements.Count;

    /// <inheritdoc/>
    public ReadOnlySpan<byte> Data(string name, out byte* address)
    {
        var info = this.Find(name);
        if (_deltas.TryGetValue(name, out var source))
        {
            return _copies.Get(name, info.ByteLength(), destination => Merge(name, source, destination), out address);
        }

        return _replacements.TryGetValue(name, out var replacement) ? _adapter.Data(replacement, out address) : _model.Data(name, out address);
    }

    /// <inheritdoc/>
    public void Release(string name)
    {
        _copies.Release(name);
        if (_replacements.TryGetValue(name, out var replacement))
        {
            _adapter.Release(replacement);
        }
        else
        {
            _model.Release(name);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _copies.Dispose();
        _initial?.Dispose();
        _adapter.Dispose();
        _model.Dispose();
    }

    private string? Target(string name) =>
        _model.Tensors.ContainsKey(name) ? name : _model.Tensors.ContainsKey(Prefix + name) ? Prefix + name : null;

    private WeightInfo Matrix(string module, string found)
    {
        var target = Target(module + ".weight");
        Require(target is not null, found, $"a matrix '{module}.weight' in '{_model.Path}'");
        var info = _model.Tensors[target!];
        Require(info.Shape.Count == 2 && info.Type is WeightType.Float32 or WeightType.Float16 or WeightType.BFloat16, found, $"'{target}' to be a float matrix");
        return info;
    }

    private void AddDelta(string module, WeightInfo down)
    {
        var matrix = Matrix(module, down.Name);
        CheckPair(matrix, _adapter, module + Down, module + Up);
        if (_initial is not null)
        {
            CheckPair(matrix, _initial, module + InitialDown, module + InitialUp);
        }

        _deltas.Add(matrix.Name, module);
    }

    private void CheckPair(WeightInfo matrix, IWeightFile file, string downName, string upName)
    {
        var (down, up) = (file.Find(downName), file.Find(upName));
        Require(
            down.Shape is [var rank, var input] && up.Shape is [var output, var sameRank] && rank == sameRank && rank > 0 && input == matrix.Shape[1] && output == matrix.Shape[0],
            downName,
            $"[r,{matrix.Shape[1]}] with [{matrix.Shape[0]},r] for '{matrix.Name}', found {WeightTypes.Describe(down.Shape)} with {WeightTypes.Describe(up.Shape)}");
    }

    private void AddBone(string module, WeightInfo bone)
    {
        var matrix = Matrix(module, bone.Name);
        Require(
            bone.Shape is [var rank, var output] && rank > 0 && rank <= matrix.Shape[1] && output == matrix.Shape[0],
            bone.Name,
            $"[r,{matrix.Shape[0]}] for '{matrix.Name}', found {WeightTypes.Describe(bone.Shape)}");
        _deltas.Add(matrix.Name, bone.Name);
    }

    private void Replace(string name, WeightInfo info)
    {
        var isState = name.EndsWith(".time_state", StringComparison.Ordinal);
        var target = Target(name);
        Require(target is not null || isState, name, $"a tensor of that name in '{_model.Path}'");
        target ??= _model.Tensors.ContainsKey(Prefix + "emb.weight") ? Prefix + name : name;
        Require(isState || _model.Tensors[target].Count == info.Count, name, $"the size of '{target}' {WeightTypes.Describe(_model.Tensors.GetValueOrDefault(target)?.Shape ?? [])}, found {WeightTypes.Describe(info.Shape)}");
        _replacements.Add(target, name);
        _tensors[target] = info with { Name = target, Shape = isState ? info.Shape : _model.Tensors[target].Shape };
    }

    private void Merge(string name, string source, Span<byte> destination)
    {
        var info = _model.Tensors[name];
        var weights = _model.Floats(name);
        var (rows, columns) = ((int)info.Shape[0], (int)info.Shape[1]);
        if (source.EndsWith(Bone, StringComparison.Ordinal))
        {
            AddBlocks(weights, rows, columns, _adapter.Floats(source), (int)_adapter.Tensors[source].Shape[0]);
        }
        else
        {
            var rank = _adapter.Tensors[source + Down].Shape[0];
            AddProduct(weights, rows, columns, _adapter.Floats(source + Down), _adapter.Floats(source + Up), _initial is null ? (float)((_alpha ?? rank) / rank) : 1);
            if (_initial is not null)
            {
                AddProduct(weights, rows, columns, _initial.Floats(source + InitialDown), _initial.Floats(source + InitialUp), -1);
            }
        }

        WeightFileExtensions.FromFloats(info.Type, weights, destination);
    }

    // W[o,:] += Σ_k scale · B[o,k] · A[k,:]
    private static void AddProduct(float[] weights, int rows, int columns, float[] down, float[] up, float scale)
    {
        var rank = down.Length / columns;
        for (var row = 0; row < rows; row++)
        {
            var target = weights.AsSpan(row * columns, columns);
            for (var k = 0; k < rank; k++)
            {
                AddScaled(target, down.AsSpan(k * columns, columns), scale * up[(row * rank) + k]);
            }
        }
    }

    private static void AddScaled(Span<float> target, ReadOnlySpan<float> source, float factor)
    {
        var targets = MemoryMarshal.Cast<float, Vector<float>>(target);
        var sources = MemoryMarshal.Cast<float, Vector<float>>(source);
        for (var i = 0; i < targets.Length; i++)
        {
            targets[i] += sources[i] * factor;
        }

        for (var i = targets.Length * Vector<float>.Count; i < target.Length; i++)
        {
            target[i] += source[i] * factor;
        }
    }

    // Every run of r inputs of output o gets the same D[:,o]; a shorter last run gets its beginning.
    private static void AddBlocks(float[] weights, int rows, int columns, float[] blocks, int rank)
    {
        for (var row = 0; row < rows; row++)
        {
            for (var column = 0; column < columns; column++)
            {
                weights[(row * columns) + column] += blocks[(column % rank * rows) + row];
            }
        }
    }

    private void Require(bool holds, string name, string expected)
    {
        if (!holds)
        {
            throw new ModelFormatException($"'{_adapter.Path}': '{name}': expected {expected}.");
        }
    }
}
