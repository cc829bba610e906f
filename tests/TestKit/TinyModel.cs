using RwkvSk.Engine.Weights;

namespace RwkvSk.TestKit;

/// <summary>
/// Whole model folders with random weights: a VisualRWKV-7 (or an older version) with one SigLIP-shaped tower in the layout of the published v7.00 checkpoints, the
/// vocabulary of <see cref="SmallVocabulary"/> and a <c>rwkvsk.json</c>. It says nothing sensible, and says it in a few milliseconds. Equal seeds give equal files.
/// </summary>
internal static partial class TinyModel
{
    public const int LayerCount = 2, Width = 64, HeadSize = 32, FfnWidth = 128, PositionsPerImage = 9;

    private const int LowRank = 8, TowerWidth = 32, TowerLayers = 3, TowerHeads = 2, TowerMlp = 64, PatchSize = 8, Grid = 6;

    /// <summary>V.</summary>
    public static int VocabularySize => SmallVocabulary.Size;

    /// <summary>Fills a folder, which is made when it is not there.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="seed">Chooses the weights.</param>
    /// <param name="version">RWKV's: 4 to 7. Version 6 reads pictures in both directions.</param>
    /// <returns>The folder.</returns>
    public static string Create(string folder, int seed = 1, int version = 7)
    {
        Directory.CreateDirectory(folder);
        var random = new Random(seed);
        SafetensorsWriter.Write(Path.Combine(folder, "model.safetensors"), [.. Language(random, version), .. Tower(random), .. Projector(random)]);
        File.WriteAllBytes(Path.Combine(folder, "vocab.txt"), SmallVocabulary.File());
        File.WriteAllText(
            Path.Combine(folder, "rwkvsk.json"),
            $$"""{ "name": "tiny", "vocabulary": "vocab.txt", "imageScan": "{{(version == 6 ? "bidirectional" : "unidirectional")}}", "positionsPerImage": {{PositionsPerImage}}, "stopSequences": ["\n\n"], "tools": true, "visionHeads": { "siglip": {{TowerHeads}} } }""");
        return folder;
    }

    private static IEnumerable<SafetensorsTensor> Language(Random random, int version)
    {
        yield return Matrix(random, "rwkv.emb.weight", VocabularySize, Width);
        yield return Matrix(random, "rwkv.head.weight", VocabularySize, Width, gain: 4);   // answers that differ want logits that differ
        foreach (var tensor in Norm("rwkv.ln_out", Width).Concat(Norm("rwkv.blocks.0.ln0", Width)))
        {
            yield return tensor;
        }

        for (var i = 0; i < LayerCount; i++)
        {
            var block = $"rwkv.blocks.{i}";
            foreach (var tensor in Norm($"{block}.ln1", Width).Concat(Norm($"{block}.ln2", Width)).Concat(version == 7 ? TimeMix(random, $"{block}.att", i) : OlderTimeMix(random, $"{block}.att", version)))
            {
                yield return tensor;
            }

            foreach (var tensor in version == 7 ? [Channels(random, $"{block}.ffn.x_k", 0, 1)] : OlderChannelMix(random, $"{block}.ffn", version))
            {
                yield return tensor;
            }

            yield return Matrix(random, $"{block}.ffn.key.weight", FfnWidth, Width);
            yield return Matrix(random, $"{block}.ffn.value.weight", Width, FfnWidth);
        }
    }

    private static IEnumerable<SafetensorsTensor> TimeMix(Random random, string att, int layer)
    {
        foreach (var (name, low, high) in new[]
        {
            ("x_r", 0f, 1f), ("x_w", 0f, 1f), ("x_k", 0f, 1f), ("x_v", 0f, 1f), ("x_a", 0f, 1f), ("x_g", 0f, 1f), ("w0", -6f, -1f), ("a0", -1f, 1f), ("k_k", 0.5f, 1f), ("k_a", 0.5f, 1f),
        })
        {
            yield return Channels(random, $"{att}.{name}", low, high);
        }

        foreach (var name in layer == 0 ? "wag" : "wagv")
        {
            yield return Matrix(random, $"{att}.{name}1", Width, LowRank, gain: 0.5f);
            yield return Matrix(random, $"{att}.{name}2", LowRank, Width);
        }

        if (layer > 0)
        {
            yield return Channels(random, $"{att}.v0", 0, 1);
        }

        foreach (var name in new[] { "receptance", "key", "value", "output" })
        {
            yield return Matrix(random, $"{att}.{name}.weight", Width, Width);
        }

        yield return Matrix(random, $"{att}.r_k", Width / HeadSize, HeadSize, gain: 0.5f);
        foreach (var tensor in Norm($"{att}.ln_x", Width))
        {
            yield return tensor;
        }
    }

    private static IEnumerable<SafetensorsTensor> Tower(Random random)
    {
        const string Root = "vit.siglip_featurizer";
        yield return Random(random, $"{Root}.patch_embed.proj.weight", [TowerWidth, 3, PatchSize, PatchSize], 0.1f);
        yield return Random(random, $"{Root}.patch_embed.proj.bias", [TowerWidth], 0.1f);
        yield return Random(random, $"{Root}.pos_embed", [1, Grid * Grid, TowerWidth], 0.5f);
        for (var i = 0; i < TowerLayers; i++)
        {
            var block = $"{Root}.blocks.{i}";
            foreach (var tensor in Norm($"{block}.norm1", TowerWidth).Concat(Norm($"{block}.norm2", TowerWidth))
                .Concat(Linear(random, $"{block}.attn.qkv", 3 * TowerWidth, TowerWidth)).Concat(Linear(random, $"{block}.attn.proj", TowerWidth, TowerWidth))
                .Concat(Linear(random, $"{block}.mlp.fc1", TowerMlp, TowerWidth)).Concat(Linear(random, $"{block}.mlp.fc2", TowerWidth, TowerMlp)))
            {
                yield return tensor;
            }
        }
    }

    private static IEnumerable<SafetensorsTensor> Projector(Random random) =>
        [Matrix(random, "proj.gate.weight", TowerWidth, TowerWidth), Matrix(random, "proj.o_proj.weight", Width, TowerWidth), .. Norm("proj.ln_v", Width)];

    private static IEnumerable<SafetensorsTensor> Linear(Random random, string name, int output, int input) =>
        [Matrix(random, $"{name}.weight", output, input), Random(random, $"{name}.bias", [output], 0.1f)];

    private static IEnumerable<SafetensorsTensor> Norm(string name, int width) =>
        [SafetensorsTensor.From($"{name}.weight", [width], Enumerable.Repeat(1f, width).ToArray()), SafetensorsTensor.From($"{name}.bias", [width], new float[width])];

    // Rows of about unit length: activations neither die nor explode on their way.
    private static SafetensorsTensor Matrix(Random random, string name, int rows, int columns, float gain = 1) =>
        Random(random, name, [rows, columns], gain * MathF.Sqrt(3f / columns));

    private static SafetensorsTensor Channels(Random random, string name, float low, float high) =>
        SafetensorsTensor.From(name, [1, 1, Width], Values(random, Width, low, high));

    private static SafetensorsTensor Random(Random random, string name, long[] shape, float range) =>
        SafetensorsTensor.From(name, shape, Values(random, (int)shape.Aggregate(1L, static (product, size) => product * size), -range, range));

    private static float[] Values(Random random, int count, float low, float high) =>
        [.. Enumerable.Range(0, count).Select(_ => low + ((high - low) * random.NextSingle()))];
}
