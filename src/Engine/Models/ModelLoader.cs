using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using RwkvSk.Engine.Kernels;
using RwkvSk.Engine.Kernels.Cpu;
using RwkvSk.Engine.Kernels.Cuda;
using RwkvSk.Engine.Kernels.Cuda.Driver;
using RwkvSk.Engine.States;
using RwkvSk.Engine.Tokenization;
using RwkvSk.Engine.Vision;
using RwkvSk.Engine.Weights;
using static TorchSharp.torch;
using TorchDevice = TorchSharp.torch.Device;

namespace RwkvSk.Engine.Models;

/// <summary>A model with everything it needs, as the engine takes it over.</summary>
internal sealed record LoadedModel(TorchModelRunner Runner, ITokenizer? Tokenizer, ModelDescription Description, MemoryPlan Plan)
{
    /// <summary>The runner with the padding of VisualRWKV v7.00's evaluation.</summary>
    /// <exception cref="NotSupportedException">It is another model, whose evaluation pads nothing. The runner is disposed.</exception>
    public EvaluationRunner PaddedRunner()
    {
        if (Description.Version == "rwkv-7" && Description.SeesImages)
        {
            return new EvaluationRunner(Runner);
        }

        Runner.Dispose();
        throw new NotSupportedException($"'{Description.Name}' cannot run with {nameof(EngineOptions.EvaluationPadding)}: only VisualRWKV v7's evaluation pads its prompts.");
    }
}

/// <summary>From a path to a running model. The checkpoint is opened and checked whole before anything is kept; a failure leaves nothing open.</summary>
internal static partial class ModelLoader
{
    /// <summary>Loads a checkpoint file or a model folder.</summary>
    public static LoadedModel Load(string path, EngineOptions options, ILoggerFactory? loggers)
    {
        var folder = ModelFolder.Open(path);
        var weights = folder.OpenWeights();
        try
        {
            // A GGUF file's own vocabulary is asked for before an adapter covers the file.
            var tokenizer = ModelVocabulary.Find(folder, weights);
            if ((options.Adapter ?? folder.Adapter) is { } adapter)
            {
                weights = AdaptedWeightFile.Open(weights, adapter);
            }

            LibTorchLoader.EnsureLoaded();
            return Load(folder, weights, tokenizer, options, (loggers ?? NullLoggerFactory.Instance).CreateLogger("RwkvSk.Engine.ModelLoader"));
        }
        catch
        {
            weights.Dispose();
            throw;
        }
    }

    /// <summary>What loading would take, without loading.</summary>
    public static MemoryPlan Plan(string path, EngineOptions options)
    {
        var folder = ModelFolder.Open(path);
        using var weights = folder.OpenWeights();
        LibTorchLoader.EnsureLoaded();
        var placement = ModelPlacement.Choose(folder, weights, options, NullLogger.Instance);
        placement.Device.Dispose();
        return placement.Plan;
    }

    private static LoadedModel Load(ModelFolder folder, IWeightFile weights, ITokenizer? tokenizer, EngineOptions options, ILogger logger)
    {
        if (weights.Tensors.Keys.Any(static name => name.StartsWith("adapter.", StringComparison.Ordinal)))
        {
            throw new ModelFormatException($"'{weights.Path}' is a VisualRWKV v4 adapter, which is not supported; VisualRWKV v5, v6, HD, UHD and v7 are.");
        }

        var preset = folder.ResolvePreset(weights);
        var placement = ModelPlacement.Choose(folder, weights, options, logger);
        try
        {
            return Load(folder, weights, tokenizer, options, preset, placement, logger);
        }
        catch
        {
            placement.Device.Dispose();
            throw;
        }
    }

    private static LoadedModel Load(
        ModelFolder folder, IWeightFile weights, ITokenizer? tokenizer, EngineOptions options, ModelPreset preset, ModelPlacement placement, ILogger logger)
    {
        var (compute, precision, visionPrecision, plan) = placement;
        var device = compute.Torch;
        var isQuantised = ModelPlacement.IsQuantised(options.Precision);
        var source = new FileWeightSource(weights, device, precision, visionPrecision);
        var decodePrecision = ModelPlacement.DecodePrecision(options, precision);
        var root = new WeightScope(source);
        var prefix = ModelPlacement.Prefix(root);
        var rwkv = prefix.Length > 0 ? root["rwkv"] : root;
        plan.EnsureFits(SystemMemory.Available());
        var config = RwkvConfig.Read(rwkv) with { Scan = preset.ImageScan };
        if (tokenizer is not null && tokenizer.VocabularySize > config.VocabularySize)
        {
            throw new ModelFormatException(
                $"The vocabulary '{folder.VocabularyPath ?? weights.Path}' has ids up to {tokenizer.VocabularySize - 1}, but '{weights.Path}' has {config.VocabularySize} embeddings; this vocabulary belongs to another model.");
        }

        var version = $"rwkv-{(int)config.Version + 4}";
        var layout = new StateLayout(config.LayerCount, config.StateRows, config.Width);
        var initial = (options.InitialStatePath ?? folder.InitialStatePath) is { } path ? TunedState.Load(path, layout, version) : null;
        var content = WeightFingerprint.Of(weights);

        var model = new RwkvModel(rwkv, config, initial is null ? null : Tensor(initial, device));
        rwkv.Skip("blocks.0.att.v0", "blocks.0.att.v1", "blocks.0.att.v2");   // layer 0 has no earlier value to mix in, but some files have the weights for it
        var vision = root.HasAny("vit.") ? VisionReader.Read(root, config, folder.VisionHeads, options.PositionsPerImage ?? preset.PositionsPerImage, device, logger) : null;
        source.EnsureAllTaken();

        var heads = string.Join(',', folder.VisionHeads.OrderBy(static tower => tower.Key, StringComparer.Ordinal).Select(static tower => $"{tower.Key}={tower.Value}"));
        var settings = $"{precision}{(isQuantised ? $"+{decodePrecision}" : "")}|{visionPrecision}|{device.type}|{preset.ImageScan}|{vision?.Positions}|{heads}";
        var runner = new TorchModelRunner(
            model, vision, options, device, weights, WeightFingerprint.With(content, settings, initial is null ? [] : initial.Fingerprint()), Decoder(), compute.Cuda)
        {
            Plan = plan,
        };
        var description = new ModelDescription(
            folder.Name, version, config.LayerCount, config.Width, config.HeadSize, config.FfnWidth, config.VocabularySize,
            weights.Tensors.Values.Sum(static info => info.Count), vision?.Towers ?? [], vision?.Positions ?? 0,
            device.type == TorchSharp.DeviceType.CUDA ? "cuda" : "cpu", decodePrecision, runner.Layout, preset);
        LogLoaded(logger, description.Name, description.Version, description.ParameterCount, description.Device, description.Precision);
        return new LoadedModel(runner, tokenizer, description, plan);

        Func<StatesInPlace, IPoolDecoder>? Decoder() => (ModelPlacement.HasDecoder(compute, config), compute.Cuda) switch
        {
            (false, _) => null,
            (true, null) => states => new CpuDecoder(weights, prefix, config, states, CpuDecoderOptions.For(options)),
            (true, { } cuda) => states => new CudaDecoder(cuda, weights, prefix, config, states.Data, states.SlotCount, WithCublas(CudaDecoderOptions.For(options with { Precision = decodePrecision }), logger)),
        };
    }

    // Where it would multiply and is not there, the kernels serve.
    private static CudaDecoderOptions WithCublas(CudaDecoderOptions options, ILogger logger)
    {
        if (!options.Multiplies)
        {
            return options;
        }

        var cublas = Cublas.TryLoad(out var reason);
        if (cublas is null)
        {
            LogNoCublas(logger, CudaDecoder.ManyPositions, reason);
        }

        return options with { Cublas = cublas };
    }

    // [L,R,C]
    private static Tensor Tensor(StateSnapshot state, TorchDevice device) =>
        TensorMath.Scoped(() => tensor(state.Data.ToArray()).view(state.Layout.LayerCount, state.Layout.RowCount, state.Layout.Width).to(device));

    [LoggerMessage(EventId = 1, Level = LogLevel.Information, Message = "Loaded {Model} ({Version}, {Parameters} parameters) on {Device} in {Precision}.")]
    private static partial void LogLoaded(ILogger logger, string model, string version, long parameters, string device, WeightPrecision precision);

    [LoggerMessage(EventId = 2, Level = LogLevel.Warning, Message = "Decoding {Positions} and more at once goes through the engine's own kernels, which read the weights for every eight: {Reason}.")]
    private static partial void LogNoCublas(ILogger logger, int positions, string reason);
}
