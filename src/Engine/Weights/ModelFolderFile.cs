using System.Text.Json;
using System.Text.Json.Serialization;

namespace RwkvSk.Engine.Weights;

/// <summary>
/// The optional <c>rwkvsk.json</c> of a model folder: what the tensors cannot say. All keys are optional; what is missing is taken from the published file of that
/// name, or from the checkpoint's family.
/// </summary>
internal sealed record ModelFolderFile
{
    /// <summary>The file's name.</summary>
    public const string FileName = "rwkvsk.json";

    private const int MaximumBytes = 1 << 20, MaximumStops = 16, MaximumPositions = 1 << 16, MaximumHeads = 1024;

    /// <summary>A name for logs.</summary>
    public string? Name { get; init; }

    /// <summary>The checkpoint's files in this folder; several make one checkpoint.</summary>
    public IReadOnlyList<string>? Checkpoints { get; init; }

    /// <summary>The vocabulary's file in this folder.</summary>
    public string? Vocabulary { get; init; }

    /// <summary>The file of an adapter in this folder, to be merged into the checkpoint.</summary>
    public string? Adapter { get; init; }

    /// <summary>The adapter's α; the rank when it is missing.</summary>
    public double? AdapterAlpha { get; init; }

    /// <summary>PiSSA: the file of the pairs that training began from.</summary>
    public string? AdapterInitial { get; init; }

    /// <summary>The state-tuned file in this folder: the state that sequences begin with.</summary>
    public string? InitialState { get; init; }

    /// <summary>"imageFirst" or "sandwich".</summary>
    public ImagePlacement? ImagePlacement { get; init; }

    /// <summary>"unidirectional", "bidirectional" or "multidirectional".</summary>
    public ImageScan? ImageScan { get; init; }

    /// <summary>Positions per picture.</summary>
    public int? PositionsPerImage { get; init; }

    /// <summary>Texts that end an answer.</summary>
    public IReadOnlyList<string>? StopSequences { get; init; }

    /// <summary>Whether the model was trained on the tool format.</summary>
    public bool? Tools { get; init; }

    /// <summary>Attention heads by vision tower ("clip", "siglip", "dino", "sam"), where they are not those of the published towers: no tensor shows them.</summary>
    public IReadOnlyDictionary<string, int>? VisionHeads { get; init; }

    /// <summary>Files in checkpoint formats that are no checkpoints.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> SideFiles => [.. new[] { Adapter, AdapterInitial, InitialState }.OfType<string>()];

    /// <summary>Reads the file of a folder; an empty one when there is none.</summary>
    /// <exception cref="ModelFormatException">It says something this engine does not know or that makes no sense.</exception>
    public static ModelFolderFile Read(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
        {
            return new ModelFolderFile();
        }

        if (new FileInfo(path).Length > MaximumBytes)
        {
            throw new ModelFormatException($"'{path}' has more than {MaximumBytes} bytes.");
        }

        try
        {
            // Editors on Windows put a byte-order mark in front, which JSON does not know.
            ReadOnlySpan<byte> json = File.ReadAllBytes(path), mark = "\uFEFF"u8;
            return (JsonSerializer.Deserialize(json.StartsWith(mark) ? json[mark.Length..] : json, ModelFolderJson.Default.ModelFolderFile)
                ?? throw new ModelFormatException($"'{path}': expected a JSON object, found null.")).Check(path);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new ModelFormatException($"'{path}': {e.Message}", e);
        }
    }

    /// <summary>The preset with this file's values over another's.</summary>
    public ModelPreset Over(ModelPreset other) => other with
    {
        Name = Name ?? other.Name,
        ImagePlacement = ImagePlacement ?? other.ImagePlacement,
        ImageScan = ImageScan ?? other.ImageScan,
        PositionsPerImage = PositionsPerImage ?? other.PositionsPerImage,
        StopSequences = StopSequences ?? other.StopSequences,
        Tools = Tools ?? other.Tools,
    };

    private ModelFolderFile Check(string path)
    {
        Require(ImagePlacement is not { } placement || Enum.IsDefined(placement), "imagePlacement", "'imageFirst' or 'sandwich'");
        Require(ImageScan is not { } scan || Enum.IsDefined(scan), "imageScan", "'unidirectional', 'bidirectional' or 'multidirectional'");
        Require(PositionsPerImage is null or (> 0 and <= MaximumPositions), "positionsPerImage", $"1 to {MaximumPositions}");
        Require(StopSequences is null || (StopSequences.Count <= MaximumStops && StopSequences.All(static stop => !string.IsNullOrEmpty(stop))), "stopSequences", $"at most {MaximumStops} texts, none empty");
        Require(Checkpoints is null || (Checkpoints.Count > 0 && Checkpoints.All(static name => name is not null && PlainFileName.IsPlain(name))), "checkpoints", "names of files in this folder");
        Require(SideFiles.All(PlainFileName.IsPlain), "adapter, adapterInitial, initialState", "names of files in this folder");
        Require(AdapterAlpha is null or (> 0 and <= 1e6), "adapterAlpha", "a number above 0");
        Require(Adapter is not null || (AdapterAlpha is null && AdapterInitial is null), "adapter", "a file, as 'adapterAlpha' or 'adapterInitial' is there");
        Require(Vocabulary is null || PlainFileName.IsPlain(Vocabulary), "vocabulary", "the name of a file in this folder");
        Require(
            VisionHeads is null || VisionHeads.All(static tower => tower.Key is "clip" or "siglip" or "dino" or "sam" && tower.Value is > 0 and <= MaximumHeads),
            "visionHeads",
            $"1 to {MaximumHeads} for some of clip, siglip, dino, sam");
        return this;

        void Require(bool holds, string key, string expected)
        {
            if (!holds)
            {
                throw new ModelFormatException($"'{path}': '{key}': expected {expected}.");
            }
        }
    }
}

/// <summary>Reads <see cref="ModelFolderFile"/> without reflection; unknown and repeated keys are errors.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false,
    UseStringEnumConverter = true,
    AllowTrailingCommas = true,
    ReadCommentHandling = JsonCommentHandling.Skip)]
[JsonSerializable(typeof(ModelFolderFile))]
internal sealed partial class ModelFolderJson : JsonSerializerContext;
