using System.ComponentModel.DataAnnotations;
using System.Text;
using RwkvSk.Engine;
using RwkvSk.Connector.States;
using RwkvSk.Engine.Sampling;
using RwkvSk.Engine.States;
using RwkvSk.Engine.Vision;

namespace RwkvSk.Connector;

/// <summary>When a registered model is loaded.</summary>
public enum WarmUp
{
    /// <summary>With its first request.</summary>
    None,

    /// <summary>When the host starts, without holding it up.</summary>
    Background,

    /// <summary>Before the host has started; a model that cannot be loaded then stops the start.</summary>
    Blocking,
}

/// <summary>Which model a service runs, and how. Bindable from configuration; checked when the host starts.</summary>
public sealed class RwkvOptions
{
    /// <summary>A checkpoint file, or a folder that holds one with its vocabulary.</summary>
    [Required(AllowEmptyStrings = false)]
    public string ModelPath { get; set; } = "";

    /// <summary>The name the services report and are selected by.</summary>
    /// <value>null by default: the file's or folder's name.</value>
    public string? ModelId { get; set; }

    /// <summary>Where the model runs.</summary>
    /// <value><see cref="Device.Auto"/> by default.</value>
    [EnumDataType(typeof(Device))]
    public Device Device { get; set; } = Device.Auto;

    /// <summary>The number format of the weights.</summary>
    /// <value><see cref="WeightPrecision.Auto"/> by default.</value>
    [EnumDataType(typeof(WeightPrecision))]
    public WeightPrecision Precision { get; set; } = WeightPrecision.Auto;

    /// <summary>The number format of the vision towers' and the projector's matrices.</summary>
    /// <value><see cref="WeightPrecision.Auto"/> by default: as <see cref="Precision"/> says.</value>
    [EnumDataType(typeof(WeightPrecision))]
    public WeightPrecision VisionPrecision { get; set; } = WeightPrecision.Auto;

    /// <summary>An adapter (LoRA and its relatives) that is merged into the weights.</summary>
    /// <value>null by default: the model folder's, if it has one.</value>
    public AdapterOptions? Adapter { get; set; }

    /// <summary>A state-tuned file: the state that every conversation begins with.</summary>
    /// <value>null by default: the model folder's, or the checkpoint's own, or the empty state.</value>
    public string? InitialStatePath { get; set; }

    /// <summary>Whether every pass is padded on the left as VisualRWKV v7.00's published evaluation does it, to compare with its numbers. Slow.</summary>
    /// <value>false by default.</value>
    public bool EvaluationPadding { get; set; }

    /// <summary>How many answers are generated at once.</summary>
    /// <value>8 by default.</value>
    [Range(1, 1024)]
    public int MaxRunning { get; set; } = 8;

    /// <summary>How many requests may wait; past that they fail with <see cref="RwkvBusyException"/> (429).</summary>
    /// <value>256 by default.</value>
    [Range(0, int.MaxValue)]
    public int MaxWaiting { get; set; } = 256;

    /// <summary>How long a request may wait; then it fails with <see cref="RwkvBusyException"/> (503). Null lets it wait as long as it takes.</summary>
    /// <value>null by default.</value>
    [Range(typeof(TimeSpan), "00:00:00.0010000", "365.00:00:00")]
    public TimeSpan? MaxWait { get; set; }

    /// <summary>Most positions per prefill step.</summary>
    /// <value>256 by default.</value>
    [Range(1, 65536)]
    public int ChunkLength { get; set; } = 256;

    /// <summary>Memory for kept prefixes; 0 keeps none.</summary>
    /// <value>256 MiB by default.</value>
    [Range(0, long.MaxValue)]
    public long PrefixCacheBytes { get; set; } = 256L << 20;

    /// <summary>Memory for kept prefixes of one tenant, so that nobody crowds out the others.</summary>
    /// <value>null by default: as much as there is.</value>
    [Range(0, long.MaxValue)]
    public long? PrefixCacheBytesPerScope { get; set; }

    /// <summary>A folder in which kept states survive a restart. It may be shared by several processes. It holds what was said, as numbers: guard it like a log.</summary>
    /// <value>null by default: states are kept in memory alone.</value>
    public string? SnapshotFolder { get; set; }

    /// <summary>Most bytes in <see cref="SnapshotFolder"/>.</summary>
    /// <value>4 GiB by default.</value>
    [Range(1, long.MaxValue)]
    public long SnapshotFolderBytes { get; set; } = 4L << 30;

    /// <summary>A server that speaks Redis's protocol, as StackExchange.Redis is configured, for several machines to share their states.</summary>
    /// <value>null by default: none.</value>
    public string? SnapshotServer { get; set; }

    /// <summary>How long a state stays on <see cref="SnapshotServer"/> after its last use.</summary>
    /// <value>Seven days by default.</value>
    public TimeSpan SnapshotServerExpiry { get; set; } = TimeSpan.FromDays(7);

    /// <summary>Other places where states are kept; asked before the folder and the server. They stay the caller's to dispose.</summary>
    /// <value>Empty by default.</value>
    public IList<ISnapshotStore> SnapshotStores { get; set; } = [];

    /// <summary>What authenticates states outside memory: a text of at least 16 characters that only those know who may write them. From a secret store, not from source code.</summary>
    /// <value>null by default: damage is noticed, forgery is not.</value>
    [MinLength(16)]
    public string? SnapshotSecret { get; set; }

    /// <summary>The number format of states outside memory.</summary>
    /// <value><see cref="SnapshotPrecision.Float32"/> by default: what comes back is equal bit for bit.</value>
    [EnumDataType(typeof(SnapshotPrecision))]
    public SnapshotPrecision SnapshotPrecision { get; set; } = SnapshotPrecision.Float32;

    /// <summary>Positions that a state outside memory must spare to be looked for or written.</summary>
    /// <value>32 by default.</value>
    [Range(1, int.MaxValue)]
    public int LeastStoredPositions { get; set; } = 32;

    /// <summary>Memory for encoded pictures; 0 keeps none.</summary>
    /// <value>64 MiB by default.</value>
    [Range(0, long.MaxValue)]
    public long ImageCacheBytes { get; set; } = 64L << 20;

    /// <summary>
    /// Whether an answer is read as the earlier turn it will come back as, right after it ended and while there is nothing else to do, so that the next
    /// turn of the conversation costs its new tokens alone. Requests go first and wait for no more than one step of it.
    /// </summary>
    /// <value>true by default.</value>
    public bool ReadAhead { get; set; } = true;

    /// <summary>Threads for the CPU's arithmetic; null uses all cores.</summary>
    /// <value>null by default.</value>
    [Range(1, 4096)]
    public int? Threads { get; set; }

    /// <summary>Positions a picture takes; null takes the model's own number.</summary>
    /// <value>null by default.</value>
    [Range(1, 65536)]
    public int? PositionsPerImage { get; set; }

    /// <summary>Largest accepted picture file.</summary>
    /// <value>32 MiB by default.</value>
    [Range(1, long.MaxValue)]
    public long MaximumImageBytes { get; set; } = 32L << 20;

    /// <summary>Largest accepted picture, width x height.</summary>
    /// <value>64 million pixels by default.</value>
    [Range(1, long.MaxValue)]
    public long MaximumImagePixels { get; set; } = 64_000_000;

    /// <summary>Turns picture files into pixels; null takes the built-in decoder.</summary>
    /// <value>null by default.</value>
    public IImageDecoder? ImageDecoder { get; set; }

    /// <summary>Folders whose pictures may be named by a <c>file:</c> address. Other files are refused.</summary>
    /// <value>Empty by default: no file is read.</value>
    public IList<string> AllowedImageFolders { get; set; } = [];

    /// <summary>Fetches pictures that are given by address. The connector itself never uses the network.</summary>
    /// <value>null by default: such pictures are refused.</value>
    public Func<Uri, CancellationToken, Task<ReadOnlyMemory<byte>>>? ImageResolver { get; set; }

    /// <summary>How tokens are chosen where a request does not say.</summary>
    public SamplingOptions Sampling { get; set; } = new();

    /// <summary>Most tokens of an answer where a request does not say.</summary>
    /// <value>1024 by default.</value>
    [Range(1, int.MaxValue)]
    public int MaximumTokens { get; set; } = 1024;

    /// <summary>What the model's prompts look like; null takes what the model folder says or what is known of the checkpoint.</summary>
    /// <value>null by default.</value>
    public ModelPreset? Preset { get; set; }

    /// <summary>
    /// Whether a function call that the model begins is held to the functions' names and schemas while it is generated. Without it, wrong calls are
    /// told to the model as errors.
    /// </summary>
    /// <value>true by default.</value>
    public bool ConstrainCalls { get; set; } = true;

    /// <summary>What image-to-text asks about a picture where a request does not say.</summary>
    /// <value>"Describe the picture." by default.</value>
    [Required(AllowEmptyStrings = false)]
    public string CaptionPrompt { get; set; } = "Describe the picture.";

    /// <summary>
    /// How many conversations are kept under ids, for clients that send only what is new. Not needed to save work: what was read before is found by
    /// its content. Ids change how agents behave, so none is given unless asked for here.
    /// </summary>
    /// <value>0 by default: no ids.</value>
    [Range(0, int.MaxValue)]
    public int KeptConversations { get; set; }

    /// <summary>Who the model can be, by the names that requests ask for. They are read when the model is warmed up, or else with their first request, and stay.</summary>
    /// <value>Empty by default.</value>
    [CompletePersonas]
    public IDictionary<string, RwkvPersona> Personas { get; } = new Dictionary<string, RwkvPersona>(StringComparer.Ordinal);

    /// <summary>
    /// Whose request it is, where a request does not say in its <see cref="RwkvPromptExecutionSettings.CacheScope"/>: asked for every request, on its own flow. A web application
    /// returns the tenant of the current user, so that nothing read for one tenant is ever found by another. Personas and what was primed belong to all of them.
    /// </summary>
    /// <value>null by default: all requests share what was read.</value>
    public Func<string?>? CurrentCacheScope { get; set; }

    /// <summary>When the model is loaded.</summary>
    /// <value><see cref="WarmUp.None"/> by default: with the first request.</value>
    [EnumDataType(typeof(WarmUp))]
    public WarmUp WarmUp { get; set; } = WarmUp.None;

    /// <summary>The name of the telemetry source and meter.</summary>
    /// <value>"RwkvSk" by default.</value>
    [Required(AllowEmptyStrings = false)]
    public string TelemetrySourceName { get; set; } = "RwkvSk";

    /// <summary>Whether telemetry may hold what was asked and answered.</summary>
    /// <value>false by default.</value>
    public bool EnableSensitiveTelemetry { get; set; }

    /// <summary>The name services report: the configured one, or the file's or folder's.</summary>
    internal string EffectiveModelId =>
        !string.IsNullOrWhiteSpace(ModelId) ? ModelId : NameOf(Path.GetFileName(Path.TrimEndingDirectorySeparator(ModelPath)));

    /// <summary>Only a checkpoint's ending is dropped: the name of a folder may have dots of its own.</summary>
    private static string NameOf(string file) =>
        Path.GetExtension(file) is ".safetensors" or ".pth" or ".pt" or ".bin" or ".gguf" ? Path.GetFileNameWithoutExtension(file) : file;

    /// <summary>The engine's part of these options.</summary>
    internal EngineOptions ToEngineOptions()
    {
        ISnapshotStore[] own =
        [
            .. string.IsNullOrEmpty(SnapshotFolder) ? [] : new[] { new DiskSnapshotStore(SnapshotFolder, SnapshotFolderBytes) },
            .. string.IsNullOrEmpty(SnapshotServer) ? [] : new[] { new RedisSnapshotStore(SnapshotServer, SnapshotServerExpiry) },
        ];
        return ToEngineOptions(own);
    }

    private EngineOptions ToEngineOptions(ISnapshotStore[] own) => new()
    {
        PrefixCacheBytesPerScope = PrefixCacheBytesPerScope,
        SnapshotStores = [.. SnapshotStores, .. own],
        OwnedStores = own,
        SnapshotSecret = SnapshotSecret is null ? default : Encoding.UTF8.GetBytes(SnapshotSecret),
        SnapshotPrecision = SnapshotPrecision,
        LeastStoredPositions = LeastStoredPositions,
        Device = Device,
        Precision = Precision,
        VisionPrecision = VisionPrecision,
        Adapter = Adapter,
        InitialStatePath = InitialStatePath,
        EvaluationPadding = EvaluationPadding,
        MaxRunning = MaxRunning,
        MaxWaiting = MaxWaiting,
        MaxWait = MaxWait,
        ChunkLength = ChunkLength,
        PrefixCacheBytes = PrefixCacheBytes,
        ImageCacheBytes = ImageCacheBytes,
        Threads = Threads,
        PositionsPerImage = PositionsPerImage,
        MaximumImageBytes = MaximumImageBytes,
        MaximumImagePixels = MaximumImagePixels,
        ImageDecoder = ImageDecoder,
    };
}
