namespace RwkvSk.Engine.Weights;

/// <summary>What is known about published checkpoints: by file name where that says it, by the tensors' names otherwise.</summary>
internal static class PublishedPresets
{
    // VisualRWKV answers hold no blank line; the World and G1 models' do, so they end where the next turn would begin.
    private static readonly string[] BlankLine = ["\n\n"], NextUser = ["\n\nUser:"];

    private static readonly ModelPreset Visual5 = new()
    {
        Name = "visualrwkv-v5", ImagePlacement = ImagePlacement.ImageFirst, ImageScan = ImageScan.Unidirectional, StopSequences = BlankLine, Tools = false,
    };

    private static readonly ModelPreset Visual6 = Visual5 with { Name = "visualrwkv-v6", ImagePlacement = ImagePlacement.Sandwich, ImageScan = ImageScan.Bidirectional };

    private static readonly ModelPreset Visual7 = Visual5 with { Name = "visualrwkv-v7" };

    private static readonly ModelPreset World = new() { Name = "rwkv-world", StopSequences = NextUser, Tools = false };

    private static readonly ModelPreset G1 = World with { Name = "rwkv7-g1", Tools = true };

    private static readonly ModelPreset Pile = World with { Name = "rwkv-pile" };

    // The first match counts; '*' stands for anything, case does not matter.
    private static readonly (string Pattern, ModelPreset Preset)[] ByFileName =
    [
        ("VisualRWKV-v060-*", Visual6 with { Name = "visualrwkv-v6.0" }),
        ("VisualRWKV-v0612-*", Visual6 with { Name = "visualrwkv-hd", PositionsPerImage = 1024 }),
        ("VisualRWKV-v0613-*", Visual6 with { Name = "visualrwkv-uhd", PositionsPerImage = 1024 }),
        ("VisualRWKV-v0700-*", Visual7 with { Name = "visualrwkv-v7.0", PositionsPerImage = 1024 }),
        ("*_rwkv", Visual5 with { Name = "visualrwkv-v5.0" }),
        ("*_visual", Visual5 with { Name = "visualrwkv-v5.0" }),
        ("rwkv7-g*", G1),
        ("rwkv7a-g*", G1),
        ("RWKV-4-Pile-*", Pile),
        ("RWKV-4-Raven-*", Pile with { Name = "rwkv-raven" }),
        ("RWKV-*World*", World),
        ("RWKV-x0*", World),
    ];

    /// <summary>The preset of the published file of this name (without its extension); null when there is none.</summary>
    public static ModelPreset? ForFile(string name) =>
        ByFileName.Where(entry => System.IO.Enumeration.FileSystemName.MatchesSimpleExpression(entry.Pattern, name)).Select(static entry => entry.Preset).FirstOrDefault();

    /// <summary>The preset of the family that the tensors belong to. All published VisualRWKV files of a family agree in prompt and scan.</summary>
    public static ModelPreset ForTensors(IReadOnlyDictionary<string, WeightInfo> tensors)
    {
        if (!tensors.Keys.Any(static name => name.StartsWith("vit.", StringComparison.Ordinal)))
        {
            return new ModelPreset();
        }

        const string Attention = "rwkv.blocks.0.att.";
        return tensors.ContainsKey(Attention + "r_k") ? Visual7 : tensors.ContainsKey(Attention + "time_maa_x") ? Visual6 : Visual5;
    }

    /// <summary>Whether the published file of this name reads the 20B vocabulary rather than the World vocabulary.</summary>
    public static bool ReadsPileVocabulary(string name) => ForFile(name)?.Name is "rwkv-pile" or "rwkv-raven";
}
