using RwkvSk.Engine.Scheduling;
using RwkvSk.Engine.Tokenization;

namespace RwkvSk.Engine.States;

/// <summary>Writes and reads the states of one model. Safe from any thread.</summary>
internal sealed class SnapshotCodec
{
    private const int HeaderAllowance = SnapshotHeaderReader.MostBytes + 4096;

    private readonly Digest _model;
    private readonly string _modelName;
    private readonly StateLayout _layout;
    private readonly SnapshotPrecision _precision;
    private readonly TimeProvider _time;

    /// <summary>A codec for what a runner reads with a vocabulary.</summary>
    public SnapshotCodec(IModelRunner runner, ITokenizer? tokenizer, string modelName, EngineOptions options, TimeProvider time)
    {
        _model = PrefixKey.Root(runner.Fingerprint.ToArray(), tokenizer is null ? [] : tokenizer.Fingerprint.ToArray(), BitConverter.GetBytes(runner.PositionsPerImage)).Value;
        (_modelName, _layout, _precision, _time) = (modelName, runner.Layout, options.SnapshotPrecision, time);
        Seal = new SnapshotSeal(options.SnapshotSecret.Span);
    }

    /// <summary>Authenticates what is written and read.</summary>
    public SnapshotSeal Seal { get; }

    /// <summary>More bytes than any file of this model has.</summary>
    public long MostBytes => _layout.Bytes + HeaderAllowance;

    /// <summary>A state as a sealed file.</summary>
    /// <param name="snapshot">The state.</param>
    /// <param name="parent">The kept state it was read on from.</param>
    /// <param name="scope">Who may share it.</param>
    public byte[] Write(StateSnapshot snapshot, PrefixKey? parent = null, string? scope = null) => SnapshotFile.Write(
        snapshot,
        new SnapshotHeader
        {
            Model = _model,
            ModelName = _modelName,
            Layout = snapshot.Layout,
            Position = snapshot.Position,
            Origin = snapshot.Origin,
            Parent = parent,
            Scope = Seal.ScopeTag(scope),
            Precision = _precision,
            Created = _time.GetUtcNow(),
        },
        Seal);

    /// <summary>Reads a state of this model.</summary>
    /// <param name="file">The whole file.</param>
    /// <param name="source">Where it comes from, for messages.</param>
    /// <exception cref="SnapshotFormatException">It is no snapshot, was changed, or belongs to another model.</exception>
    public StateSnapshot Read(ReadOnlySpan<byte> file, string source) => ReadOwn(file, source).Snapshot;

    /// <summary>Reads the state that a store holds under a key.</summary>
    /// <param name="file">The whole file.</param>
    /// <param name="key">What it must have read.</param>
    /// <param name="source">Where it comes from, for messages.</param>
    /// <exception cref="SnapshotFormatException">It is no snapshot, was changed, belongs to another model or has read something else.</exception>
    public StateSnapshot Read(ReadOnlySpan<byte> file, PrefixKey key, string source)
    {
        var (snapshot, header) = ReadOwn(file, source);
        return header.Origin is { } origin && origin.Key == key
            ? snapshot.With(origin)
            : throw new SnapshotFormatException($"'{source}' holds the state after another prefix than the one it is filed under.");
    }

    private (StateSnapshot Snapshot, SnapshotHeader Header) ReadOwn(ReadOnlySpan<byte> file, string source)
    {
        var (snapshot, header) = SnapshotFile.Read(file, Seal, source);
        return header.Model != _model
            ? throw new SnapshotFormatException($"'{source}' is a state of '{header.ModelName}' with other weights, precision or vocabulary than '{_modelName}' has here.")
            : header.Layout != _layout
                ? throw new SnapshotFormatException($"'{source}' holds {header.Layout}, but '{_modelName}' has {_layout}.")
                : (snapshot, header);
    }
}
