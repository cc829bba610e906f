namespace RwkvSk.Engine.Weights;

/// <summary>What kind of file a checkpoint is, for people.</summary>
/// <param name="Format">"safetensors", "pth" or "gguf".</param>
/// <param name="Layout">Whose names and shapes it has: "published" or another project's.</param>
/// <param name="StoredType">The element type most of its numbers have, such as "bfloat16" or "q8_0"; norms and decays often differ from the matrices.</param>
/// <param name="FileCount">Files it consists of.</param>
internal sealed record CheckpointFormat(string Format, string Layout, string StoredType, int FileCount)
{
    /// <summary>Describes an open checkpoint.</summary>
    public static CheckpointFormat Of(IWeightFile file) => file switch
    {
        SafetensorsFile => Plain("safetensors", file),
        PthFile => Plain("pth", file),
        GgufFile gguf => Plain("gguf", file) with { StoredType = Largest(file.Tensors.Values, info => gguf.StoredType(info.Name)) },
        CanonicalWeightFile foreign => Of(foreign.Original) with { Layout = foreign.Layout },
        RenamedWeightFile renamed => Of(renamed.Inner),
        AdaptedWeightFile adapted => Of(adapted.Model),
        MergedWeightFile merged => Of(merged.Parts[0]) with { StoredType = Largest(file.Tensors.Values, static info => Name(info.Type)), FileCount = merged.Parts.Count },
        _ => throw new ArgumentException($"a {file.GetType().Name} has no format", nameof(file)),
    };

    /// <summary>A type's name as options and reports write it.</summary>
    public static string Name(WeightType type) => type.ToString().ToLowerInvariant();

    private static CheckpointFormat Plain(string format, IWeightFile file) => new(format, "published", Largest(file.Tensors.Values, static info => Name(info.Type)), 1);

    private static string Largest(IEnumerable<WeightInfo> tensors, Func<WeightInfo, string> type) =>
        tensors.GroupBy(type, StringComparer.Ordinal).MaxBy(static group => group.Sum(static info => info.Count))?.Key ?? "none";
}
