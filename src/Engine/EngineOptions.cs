using RwkvSk.Engine.States;
using RwkvSk.Engine.Vision;

namespace RwkvSk.Engine;

/// <summary>Where the model runs.</summary>
public enum Device
{
    /// <summary>CUDA where a usable GPU is found, the CPU otherwise (with a log line that says why).</summary>
    Auto,

    /// <summary>The CPU.</summary>
    Cpu,

    /// <summary>The first CUDA GPU; an error where there is none.</summary>
    Cuda,
}

/// <summary>The number format the weights are computed in. States, norms and the recurrence are always fp32.</summary>
public enum WeightPrecision
{
    /// <summary>The best for the device and the checkpoint.</summary>
    Auto,

    /// <summary>32-bit floats.</summary>
    Float32,

    /// <summary>16-bit brain floats.</summary>
    BFloat16,

    /// <summary>16-bit floats.</summary>
    Float16,

    /// <summary>8-bit integers with a scale per 128 weights of a row, for decoding (on the CPU; on CUDA RWKV-6 and 7); prompts are read as under <see cref="Auto"/>.</summary>
    Int8,

    /// <summary>4-bit integers with a scale per 64 weights of a row (the head in 8 bits), for decoding (on the CPU; on CUDA RWKV-6 and 7); prompts are read as under <see cref="Auto"/>.</summary>
    Int4,
}

/// <summary>How an engine loads and runs its model.</summary>
public sealed record EngineOptions
{
    /// <summary>Where the model runs.</summary>
    /// <value><see cref="Device.Auto"/> by default.</value>
    public Device Device { get; init; } = Device.Auto;

    /// <summary>The number format of the weights.</summary>
    /// <value><see cref="WeightPrecision.Auto"/> by default.</value>
    public WeightPrecision Precision { get; init; } = WeightPrecision.Auto;

    /// <summary>The number format of the vision towers' and the projector's matrices.</summary>
    /// <value><see cref="WeightPrecision.Auto"/> by default: as <see cref="Precision"/> says.</value>
    public WeightPrecision VisionPrecision { get; init; } = WeightPrecision.Auto;

    /// <summary>An adapter (LoRA and its relatives) that is merged into the weights.</summary>
    /// <value>null by default: the model folder's, if it has one.</value>
    public AdapterOptions? Adapter { get; init; }

    /// <summary>A state-tuned file: the state that a sequence begins with.</summary>
    /// <value>null by default: the model folder's, or the checkpoint's own, or the empty state.</value>
    public string? InitialStatePath { get; init; }

    /// <summary>
    /// Whether every pass is padded on the left as VisualRWKV v7.00's published evaluation does it, to compare with its numbers. It computes each token from the
    /// beginning and keeps no prefixes; answers are not better for it.
    /// </summary>
    /// <value>false by default.</value>
    public bool EvaluationPadding { get; init; }

    /// <summary>How many sequences run at once; each has a slot in the state pool.</summary>
    /// <value>8 by default.</value>
    public int MaxRunning { get; init; } = 8;

    /// <summary>How many more may wait; past that a request is refused with <see cref="EngineBusyException"/>.</summary>
    /// <value>256 by default.</value>
    public int MaxWaiting { get; init; } = 256;

    /// <summary>How long a request may wait for a slot; then it fails with <see cref="EngineBusyException"/>, within one step. Null lets it wait as long as it takes.</summary>
    /// <value>null by default.</value>
    public TimeSpan? MaxWait { get; init; }

    /// <summary>Most positions per prefill step. Steps also end where a turn or an image ends.</summary>
    /// <value>256 by default.</value>
    public int ChunkLength { get; init; } = 256;

    /// <summary>Memory for kept prefixes; 0 keeps none.</summary>
    /// <value>256 MiB by default.</value>
    public long PrefixCacheBytes { get; init; } = 256L << 20;

    /// <summary>Memory for kept prefixes of one <see cref="GenerationOptions.CacheScope"/>, so that nobody crowds out the others.</summary>
    /// <value>null by default: as much as there is.</value>
    public long? PrefixCacheBytesPerScope { get; init; }

    /// <summary>Where states are kept beyond memory, the nearest first. The engine uses them and does not dispose them; several engines may share one.</summary>
    /// <value>Empty by default: in memory alone.</value>
    public IReadOnlyList<ISnapshotStore> SnapshotStores { get; init; } = [];

    /// <summary>
    /// What authenticates states outside memory, in stores and in files: at least 16 bytes that only those know who may write them. A state that was sealed with
    /// another secret is refused.
    /// </summary>
    /// <value>Empty by default: damage is noticed, forgery is not. Set it where somebody else can write to the folder or the server.</value>
    public ReadOnlyMemory<byte> SnapshotSecret { get; init; }

    /// <summary>Positions that a stored state must spare beside the next shallower one to be looked for or written. A model that reads quickly wants more.</summary>
    /// <value>32 by default.</value>
    public int LeastStoredPositions { get; init; } = 32;

    /// <summary>The number format of states outside memory.</summary>
    /// <value><see cref="SnapshotPrecision.Float32"/> by default.</value>
    public SnapshotPrecision SnapshotPrecision { get; init; } = SnapshotPrecision.Float32;

    /// <summary>Memory for encoded pictures; 0 keeps none.</summary>
    /// <value>64 MiB by default.</value>
    public long ImageCacheBytes { get; init; } = 64L << 20;

    /// <summary>Threads for the CPU's arithmetic; null uses all cores.</summary>
    /// <value>null by default.</value>
    public int? Threads { get; init; }

    /// <summary>Positions a picture takes, a square number; null takes the model folder's or the checkpoint family's value.</summary>
    /// <value>null by default.</value>
    public int? PositionsPerImage { get; init; }

    /// <summary>Largest accepted picture file.</summary>
    /// <value>32 MiB by default.</value>
    public long MaximumImageBytes { get; init; } = 32L << 20;

    /// <summary>Largest accepted picture, width x height.</summary>
    /// <value>64 million pixels by default.</value>
    public long MaximumImagePixels { get; init; } = 64_000_000;

    /// <summary>Turns picture files into pixels.</summary>
    /// <value>null by default: the built-in SkiaSharp decoder.</value>
    public IImageDecoder? ImageDecoder { get; init; }

    /// <summary>Those of <see cref="SnapshotStores"/> that end with the engine.</summary>
    internal IReadOnlyList<ISnapshotStore> OwnedStores { get; init; } = [];

    /// <summary>Who makes room in memory.</summary>
    internal EvictionPolicy Eviction { get; init; } = EvictionPolicy.ReplayCost;

    /// <summary>Refuses what makes no sense, naming it.</summary>
    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxRunning, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(MaxWaiting);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(MaxWait ?? TimeSpan.MaxValue, TimeSpan.Zero, nameof(MaxWait));
        ArgumentOutOfRangeException.ThrowIfLessThan(ChunkLength, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(PrefixCacheBytes);
        ArgumentOutOfRangeException.ThrowIfNegative(ImageCacheBytes);
        ArgumentOutOfRangeException.ThrowIfNegative(PrefixCacheBytesPerScope ?? 0);
        ArgumentOutOfRangeException.ThrowIfLessThan(LeastStoredPositions, 1);
        ArgumentNullException.ThrowIfNull(SnapshotStores);
        if (SnapshotSecret.Length is > 0 and < SnapshotSeal.LeastSecret)
        {
            throw new ArgumentException($"{nameof(SnapshotSecret)} has {SnapshotSecret.Length} bytes; expected none or at least {SnapshotSeal.LeastSecret}.");
        }
    }
}
