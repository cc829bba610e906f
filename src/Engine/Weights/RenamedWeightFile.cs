namespace RwkvSk.Engine.Weights;

/// <summary>A checkpoint under other names.</summary>
internal sealed unsafe class RenamedWeightFile : IWeightFile
{
    private readonly IWeightFile _inner;
    private readonly Dictionary<string, WeightInfo> _tensors = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _originals = new(StringComparer.Ordinal);

    private RenamedWeightFile(IWeightFile inner, Func<string, string> rename)
    {
        _inner = inner;
        foreach (var (original, info) in inner.Tensors)
        {
            var name = rename(original);
            if (!_originals.TryAdd(name, original))
            {
                throw new ModelFormatException($"'{inner.Path}' holds both '{original}' and '{_originals[name]}'; expected one of them.");
            }

            _tensors.Add(name, info with { Name = name });
        }
    }

    /// <summary>Puts <c>rwkv.</c> before the language model's bare names, as the single-file VisualRWKV checkpoints have it. Owns <paramref name="inner"/>.</summary>
    public static RenamedWeightFile WithLanguagePrefix(IWeightFile inner)
    {
        try
        {
            return new RenamedWeightFile(inner, static name =>
                name.StartsWith("vit.", StringComparison.Ordinal) || name.StartsWith("proj.", StringComparison.Ordinal) || name.StartsWith("rwkv.", StringComparison.Ordinal) ? name : "rwkv." + name);
        }
        catch
        {
            inner.Dispose();
            throw;
        }
    }

    /// <summary>The checkpoint under its own names.</summary>
    public IWeightFile Inner => _inner;

    /// <inheritdoc/>
    public string Path => _inner.Path;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, WeightInfo> Tensors => _tensors;

    /// <inheritdoc/>
    public ReadOnlySpan<byte> Data(string name, out byte* address)
    {
        this.Find(name);
        return _inner.Data(_originals[name], out address);
    }

    /// <inheritdoc/>
    public void Release(string name) => _inner.Release(_originals[name]);

    /// <inheritdoc/>
    public void Dispose() => _inner.Dispose();
}
