namespace RwkvSk.Engine.Weights;

/// <summary>The names a PyTorch checkpoint may use, and the data each of them stands for. This list is the whole of what a pickle can say here.</summary>
internal static class TorchObjects
{
    private static readonly PickleGlobal OrderedDict = new("collections", "OrderedDict");
    private static readonly PickleGlobal RebuildTensor = new("torch._utils", "_rebuild_tensor_v2");
    private static readonly PickleGlobal RebuildParameter = new("torch._utils", "_rebuild_parameter");

    private static readonly Dictionary<PickleGlobal, WeightType> Storages = new()
    {
        [new("torch", "FloatStorage")] = WeightType.Float32,
        [new("torch", "DoubleStorage")] = WeightType.Float64,
        [new("torch", "HalfStorage")] = WeightType.Float16,
        [new("torch", "BFloat16Storage")] = WeightType.BFloat16,
        [new("torch", "LongStorage")] = WeightType.Int64,
        [new("torch", "IntStorage")] = WeightType.Int32,
        [new("torch", "ShortStorage")] = WeightType.Int16,
        [new("torch", "CharStorage")] = WeightType.Int8,
        [new("torch", "ByteStorage")] = WeightType.UInt8,
        [new("torch", "BoolStorage")] = WeightType.Bool,
    };

    /// <summary>The name as a value; null when it is not on the list.</summary>
    public static PickleGlobal? Global(string module, string name)
    {
        var global = new PickleGlobal(module, name);
        return global == OrderedDict || global == RebuildTensor || global == RebuildParameter || Storages.ContainsKey(global) ? global : null;
    }

    /// <summary>The storage a persistent id describes: ('storage', type, key, location, element count). The location is ignored: everything is read to where it is asked for.</summary>
    public static PickleStorage? Storage(object? id) =>
        id is PickleTuple { Items: ["storage", PickleGlobal type, string key, string, long count] } && count >= 0 && Storages.TryGetValue(type, out var element)
            ? new PickleStorage(element, key, count)
            : null;

    /// <summary>What a call on the list would give, as data; null when the arguments are not those it takes.</summary>
    public static object? Reduce(object? callee, object? arguments) => (callee, arguments) switch
    {
        (PickleGlobal global, PickleTuple { Items: [] }) when global == OrderedDict => new PickleDict(ordered: true),
        (PickleGlobal global, PickleTuple { Items: [PickleTensor tensor, bool, PickleDict] }) when global == RebuildParameter => tensor,

        // (storage, offset, size, stride, requires_grad, hooks [, metadata])
        (PickleGlobal global, PickleTuple { Items: [PickleStorage storage, long offset, PickleTuple size, PickleTuple stride, bool, PickleDict, ..] })
            when global == RebuildTensor => Numbers(size) is { } shape && Numbers(stride) is { } strides ? new PickleTensor(storage, offset, shape, strides) : null,
        _ => null,
    };

    private static long[]? Numbers(PickleTuple tuple) =>
        tuple.Items.Length <= WeightLimits.Rank && tuple.Items.All(static item => item is long) ? [.. tuple.Items.Cast<long>()] : null;
}
