namespace RwkvSk.Engine.Weights;

// What a pickle can contain here, besides null, bool, long, double and string. Plain data: none of these does anything.

/// <summary>A class or function that the pickle names; one of <see cref="TorchObjects"/>' list. It stays a name.</summary>
internal sealed record PickleGlobal(string Module, string Name)
{
    public override string ToString() => $"{Module}.{Name}";
}

/// <summary>A tuple.</summary>
internal sealed record PickleTuple(object?[] Items);

/// <summary>A list.</summary>
internal sealed class PickleList : List<object?>;

/// <summary>A dict or an OrderedDict: the entries with string keys; others can name no tensor and are dropped.</summary>
internal sealed class PickleDict(bool ordered)
{
    /// <summary>Whether it is a collections.OrderedDict.</summary>
    public bool IsOrdered => ordered;

    /// <summary>The entries, in the file's order.</summary>
    public Dictionary<string, object?> Items { get; } = new(StringComparer.Ordinal);
}

/// <summary>A block of numbers in the archive that tensors show parts of.</summary>
/// <param name="Type">Element type.</param>
/// <param name="Key">The member's name below <c>data/</c>.</param>
/// <param name="Count">Elements.</param>
internal sealed record PickleStorage(WeightType Type, string Key, long Count);

/// <summary>A tensor: a view of a storage. Sizes, strides and offset count elements.</summary>
internal sealed record PickleTensor(PickleStorage Storage, long Offset, long[] Shape, long[] Strides);
