using System.Text;

namespace RwkvSk.Engine.Weights;

/// <summary>
/// A PyTorch checkpoint (<c>torch.save</c> of a state dict, the zip format of PyTorch 1.6 and later). Its pickle is read as data against a short list of allowed
/// names; contiguous tensors are used where they lie in the file, strided views are copied when first asked for.
/// </summary>
internal sealed unsafe class PthFile : IWeightFile
{
    // 300 times a 61-layer model's.
    private const int MaximumPickleBytes = 64 << 20;

    // An expanded view (stride 0) may show a storage's elements many times over; a small file must not become gigabytes.
    private const long MaximumRepeatedBytes = 64 << 20;

    private readonly MappedFile _file;
    private readonly PrivateCopies _copies = new();
    private readonly Dictionary<string, WeightInfo> _tensors = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (ZipMember Member, StridedView View)> _places = new(StringComparer.Ordinal);

    private PthFile(MappedFile file)
    {
        _file = file;
        CheckKind();
        var archive = ZipDirectory.Read(file).Members;
        var prefix = Prefix(archive);
        CheckByteOrder(archive, prefix);

        var pickle = archive[prefix + "data.pkl"];
        Require(pickle.Length <= MaximumPickleBytes, $"has a pickle of {pickle.Length} bytes; at most {MaximumPickleBytes} are accepted");
        var root = PickleMachine.Read(file.Path, file.Span(pickle.Offset, (int)pickle.Length));
        foreach (var (name, value) in StateDict(root))
        {
            if (value is PickleTensor tensor)
            {
                Add(name, tensor, archive, prefix);
            }
        }
    }

    /// <summary>Maps a file and reads its table of tensors.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="ModelFormatException">It is no sound checkpoint, or asks for more than data.</exception>
    public static PthFile Open(string path)
    {
        var file = MappedFile.Open(path);
        try
        {
            return new PthFile(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public string Path => _file.Path;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, WeightInfo> Tensors => _tensors;

    /// <inheritdoc/>
    public ReadOnlySpan<byte> Data(string name, out byte* address)
    {
        var info = this.Find(name);
        var (length, itemSize) = (info.ByteLength(), info.Type.ItemSize());
        var (member, view) = _places[name];
        if (view.IsContiguous)
        {
            var offset = member.Offset + (view.Offset * itemSize);
            address = _file.Address(offset);
            if ((nuint)address % (nuint)itemSize == 0)
            {
                return _file.Span(offset, length);
            }
        }

        return _copies.Get(name, length, destination => view.Copy(_file.Span(member.Offset, (int)member.Length), destination, itemSize), out address);
    }

    /// <inheritdoc/>
    public void Release(string name) => _copies.Release(name);

    /// <inheritdoc/>
    public void Dispose()
    {
        _copies.Dispose();
        _file.Dispose();
    }

    private void CheckKind()
    {
        ReadOnlySpan<byte> zip = "PK\u0003\u0004"u8, pickle = [0x80, 2], legacyMagic = [0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9];
        var start = _file.Span(0, (int)Math.Min(_file.Length, 16));
        Require(!start.StartsWith(legacyMagic), "is in PyTorch's format from before version 1.6, which is not supported; load it in PyTorch and save it again");
        Require(!start.StartsWith(pickle), "is a bare pickle, not a PyTorch checkpoint; nothing was executed");
        Require(start.StartsWith(zip), "is no PyTorch checkpoint: expected a zip archive");
    }

    private string Prefix(IReadOnlyDictionary<string, ZipMember> archive)
    {
        var pickles = archive.Keys.Where(static name => name.EndsWith("/data.pkl", StringComparison.Ordinal) && name.Count(static c => c == '/') == 1).ToArray();
        Require(pickles.Length == 1, $"is no PyTorch checkpoint: expected one member '<name>/data.pkl', found {pickles.Length}");
        var prefix = pickles[0][..^"data.pkl".Length];
        Require(
            !archive.ContainsKey(prefix + "constants.pkl") && !archive.Keys.Any(name => name.StartsWith(prefix + "code/", StringComparison.Ordinal)),
            "is a TorchScript archive (it carries code); expected a state dict saved with torch.save");
        return prefix;
    }

    private void CheckByteOrder(IReadOnlyDictionary<string, ZipMember> archive, string prefix)
    {
        if (archive.TryGetValue(prefix + "byteorder", out var member))
        {
            var order = Encoding.Latin1.GetString(_file.Span(member.Offset, (int)Math.Min(member.Length, 16)));
            Require(order == "little", $"has the byte order '{order}'; expected 'little'");
        }
    }

    // Training frameworks wrap the weights: {"state_dict": {...}, "epoch": 3, ...}.
    private Dictionary<string, object?> StateDict(object? root)
    {
        const string Wrapped = "state_dict";
        var dict = root as PickleDict;
        if (dict is not null && dict.Items.TryGetValue(Wrapped, out var inner) && inner is PickleDict wrapped)
        {
            dict = wrapped;
        }

        if (dict is null)
        {
            throw Refusal("holds no dictionary of tensors");
        }

        Require(
            dict.Items.Count == 0 || dict.Items.Values.Any(static value => value is PickleTensor),
            $"holds no tensors; its keys are {string.Join(", ", dict.Items.Keys.Take(8))}");
        return dict.Items;
    }

    private void Add(string name, PickleTensor tensor, IReadOnlyDictionary<string, ZipMember> archive, string prefix)
    {
        var (type, key, count) = tensor.Storage;
        if (!archive.TryGetValue($"{prefix}data/{key}", out var member))
        {
            throw Refusal($"has no member 'data/{key}' for '{name}'");
        }

        var itemSize = type.ItemSize();
        Require(
            member.Length == (Int128)count * itemSize,
            $"says that the storage of '{name}' has {count} elements of {itemSize} bytes, but its member 'data/{key}' has {member.Length} bytes");
        Require(member.Length <= WeightLimits.TensorBytes, $"has a storage of {member.Length} bytes for '{name}'; at most {WeightLimits.TensorBytes} are accepted");
        var view = new StridedView(tensor.Offset, tensor.Shape, tensor.Strides);
        var bytes = WeightLimits.Bytes(type, view.Shape) ?? throw Refusal($"has '{name}' with the absurd shape {WeightTypes.Describe(view.Shape)}");
        Require(
            view.Fits(count),
            $"has '{name}' with shape {WeightTypes.Describe(view.Shape)}, strides {WeightTypes.Describe(view.Strides)} and offset {view.Offset}, which do not fit its {count} elements");
        Require(bytes <= Math.Max(member.Length, MaximumRepeatedBytes), $"has '{name}' of {bytes} bytes out of a storage of {member.Length}");
        _tensors.Add(name, new WeightInfo(name, type, view.Shape));
        _places.Add(name, (member, view));
    }

    private void Require(bool holds, string finding)
    {
        if (!holds)
        {
            throw Refusal(finding);
        }
    }

    private ModelFormatException Refusal(string finding) => new($"'{Path}' {finding}.");
}
