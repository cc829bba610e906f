using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using RwkvSk.Engine.Tokenization;
using RwkvSk.Engine.Vision;
using RwkvSk.Engine.Weights;
using static TorchSharp.torch;
using TorchDevice = TorchSharp.torch.Device;

namespace RwkvSk.Engine.Models;

/// <summary>A model with everything it needs, as the engine takes it over.</summary>
internal sealed record LoadedModel(TorchModelRunner Runner, ITokenizer? Tokenizer, ModelDescription Description);

/// <summary>From a path to a running model. The checkpoint is opened and checked whole before anything is kept; a failure leaves nothing open.</summary>
internal static partial class ModelLoader
{
    // Above this many parameters a second, widened copy of 16-bit weights costs more than it gains on the CPU.
    private const long WidenUpTo = 250_000_000;
    private const int FingerprintLeaf = 4 << 20;

    /// <summary>Loads a checkpoint file or a model folder.</summary>
    public static LoadedModel Load(string path, EngineOptions options, ILoggerFactory? loggers)
    {
        var folder = ModelFolder.Open(path);
        var weights = folder.OpenWeights();
        try
        {
            LibTorchLoader.EnsureLoaded();
            return Load(folder, weights, options, (loggers ?? NullLoggerFactory.Instance).CreateLogger("RwkvSk.Engine.ModelLoader"));
        }
        catch
        {
            weights.Dispose();
            throw;
        }
    }

    private static LoadedModel Load(ModelFolder folder, IWeightFile weights, EngineOptions options, ILogger logger)
    {
        var device = Devices.Choose(options.Device, logger);
        var preset = folder.ResolvePreset(weights);
        var precision = Precision(options.Precision, weights, device);
        var source = new FileWeightSource(weights, device, precision);
        var root = new WeightScope(source);
        if (root.HasAny("adapter."))
        {
            throw new ModelFormatException($"'{weights.Path}' is a VisualRWKV v4 adapter, which is not supported; VisualRWKV v5, v6, HD, UHD and v7 are.");
        }

        // VisualRWKV puts 'rwkv.' before the language model's names; v5 was published as two files, the language model's with plain names.
        var rwkv = root.Has("rwkv.emb.weight") ? root["rwkv"] : root;
        var model = new RwkvModel(rwkv, RwkvConfig.Read(rwkv) with { Scan = preset.ImageScan });
        var vision = root.HasAny("vit.") ? VisionReader.Read(root, model.Config, folder.VisionHeads, options.PositionsPerImage ?? preset.PositionsPerImage, device) : null;
        source.EnsureAllTaken(MayBeUnused);

        var tokenizer = folder.VocabularyPath is { } vocabulary ? WorldTokenizer.Load(vocabulary) : null;
        if (tokenizer is not null && tokenizer.VocabularySize > model.Config.VocabularySize)
        {
            throw new ModelFormatException(
                $"'{folder.VocabularyPath}' has ids up to {tokenizer.VocabularySize - 1}, but '{weights.Path}' has {model.Config.VocabularySize} embeddings; this vocabulary belongs to another model.");
        }

        var heads = string.Join(',', folder.VisionHeads.OrderBy(static tower => tower.Key, StringComparer.Ordinal).Select(static tower => $"{tower.Key}={tower.Value}"));
        var runner = new TorchModelRunner(model, vision, options, device, weights, Fingerprint(weights, $"{precision}|{device.type}|{preset.ImageScan}|{vision?.Positions}|{heads}"));
        var config = model.Config;
        var description = new ModelDescription(
            folder.Name, $"rwkv-{(int)config.Version + 4}", config.LayerCount, config.Width, config.HeadSize, config.FfnWidth, config.VocabularySize,
            weights.Tensors.Values.Sum(static info => info.Count), vision?.Towers ?? [], vision?.Positions ?? 0,
            device.type == TorchSharp.DeviceType.CUDA ? "cuda" : "cpu", Name(precision), runner.Layout, preset);
        LogLoaded(logger, description.Name, description.Version, description.ParameterCount, description.Device, description.Precision);
        return new LoadedModel(runner, tokenizer, description);
    }

    // The references carry these and never read them: layer 0 has no value residual; a tower's last block, norm and pooling head come after the features; UHD's
    // projector has a gate that its code passes by.
    private static bool MayBeUnused(string name) =>
        name.Contains(".blocks.0.att.v", StringComparison.Ordinal) || name is "blocks.0.att.v0" or "blocks.0.att.v1" or "blocks.0.att.v2" or "proj.gate.weight"
        || name.StartsWith("vit.", StringComparison.Ordinal);

    private static ScalarType Precision(WeightPrecision wanted, IWeightFile weights, TorchDevice device) => wanted switch
    {
        WeightPrecision.Float32 => ScalarType.Float32,
        WeightPrecision.BFloat16 => ScalarType.BFloat16,
        WeightPrecision.Float16 => ScalarType.Float16,
        _ => (device.type, StoredType(weights)) switch
        {
            (TorchSharp.DeviceType.CUDA, ScalarType.Float32) => ScalarType.Float16,
            (TorchSharp.DeviceType.CUDA, var stored) => stored,
            (_, ScalarType.BFloat16) when weights.Tensors.Values.Sum(static info => info.Count) > WidenUpTo => ScalarType.BFloat16,
            _ => ScalarType.Float32,
        },
    };

    private static ScalarType StoredType(IWeightFile weights) =>
        weights.Tensors.Values.MaxBy(static info => info.Count)?.Type switch
        {
            WeightType.BFloat16 => ScalarType.BFloat16,
            WeightType.Float16 => ScalarType.Float16,
            _ => ScalarType.Float32,
        };

    private static WeightPrecision Name(ScalarType type) => type switch
    {
        ScalarType.BFloat16 => WeightPrecision.BFloat16,
        ScalarType.Float16 => WeightPrecision.Float16,
        _ => WeightPrecision.Float32,
    };

    // SHA-256 over the SHA-256 of every 4 MiB of every tensor, in name order: as good as one pass, and spread over the cores.
    private static unsafe byte[] Fingerprint(IWeightFile weights, string settings)
    {
        using var root = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        root.AppendData(System.Text.Encoding.UTF8.GetBytes(settings));
        foreach (var name in weights.Tensors.Keys.Order(StringComparer.Ordinal))
        {
            var info = weights.Tensors[name];
            root.AppendData(System.Text.Encoding.UTF8.GetBytes($"\n{name}|{info.Type}|{string.Join(',', info.Shape)}\n"));
            var length = weights.Data(name, out var address).Length;
            var leaves = new byte[(length + FingerprintLeaf - 1) / FingerprintLeaf][];
            Parallel.For(0, leaves.Length, i =>
                leaves[i] = SHA256.HashData(new ReadOnlySpan<byte>(address + ((long)i * FingerprintLeaf), (int)Math.Min(FingerprintLeaf, length - ((long)i * FingerprintLeaf)))));
            foreach (var leaf in leaves)
            {
                root.AppendData(leaf);
            }
        }

        return root.GetHashAndReset();
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Information, Message = "Loaded {Model} ({Version}, {Parameters} parameters) on {Device} in {Precision}.")]
    private static partial void LogLoaded(ILogger logger, string model, string version, long parameters, string device, WeightPrecision precision);
}
