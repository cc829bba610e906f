using Microsoft.Extensions.Logging;
using RwkvSk.Engine.Kernels.Cpu;
using RwkvSk.Engine.Kernels.Cuda;
using RwkvSk.Engine.Weights;
using static TorchSharp.torch;

namespace RwkvSk.Engine.Models;

/// <summary>Where a model computes, in which number formats, and what it takes there.</summary>
/// <param name="Device">Where; disposed by whoever takes it over.</param>
/// <param name="Precision">libtorch's format of the language model's matrices.</param>
/// <param name="VisionPrecision">libtorch's format of the towers' and the projector's.</param>
/// <param name="Plan">What it takes.</param>
internal sealed record ModelPlacement(ComputeDevice Device, ScalarType Precision, ScalarType VisionPrecision, MemoryPlan Plan)
{
    // Above this many parameters a second, widened copy of 16-bit weights costs more than it gains on the CPU; sooner where it multiplies bf16 by itself.
    private static readonly long WidenUpTo = NativeFormats.HasBFloat16 ? 50_000_000 : 250_000_000;

    /// <summary>Whether a decoder of ours serves a model there; libtorch decodes the others.</summary>
    public static bool HasDecoder(ComputeDevice device, RwkvConfig config) => device.IsCpu ? DecodeMixers.Supports(config.Version) : device.HasKernels && CudaDecoder.Supports(config);

    /// <summary>Places a model as the options say.</summary>
    /// <exception cref="LibTorchException">A GPU was asked for and is not to be had.</exception>
    /// <exception cref="NotSupportedException">Its decoder has not the format that was asked for.</exception>
    public static ModelPlacement Choose(ModelFolder folder, IWeightFile weights, EngineOptions options, ILogger logger) =>
        Choose(folder, weights, options, logger, Devices.Choose(options.Device, logger));

    /// <summary>Places a model on a device, or for <see cref="Engine.Device.Auto"/> on the CPU where the device has not the memory.</summary>
    public static ModelPlacement Choose(ModelFolder folder, IWeightFile weights, EngineOptions options, ILogger logger, ComputeDevice device)
    {
        try
        {
            var placement = On(device, folder, weights, options);
            if (device.Cuda is not { } cuda)
            {
                return placement;
            }

            var free = cuda.Memory().Free;
            if (placement.Plan.WhyNotOnGpu(free) is not { } reason)
            {
                return placement with { Plan = placement.Plan with { FreeOnGpu = free } };
            }

            if (options.Device == Engine.Device.Cuda)
            {
                throw new InsufficientMemoryException(reason + '.');
            }

            device.Dispose();
            Devices.LogCpu(logger, reason);
            return On(ComputeDevice.Cpu, folder, weights, options);
        }
        catch
        {
            device.Dispose();
            throw;
        }
    }

    private static ModelPlacement On(ComputeDevice device, ModelFolder folder, IWeightFile weights, EngineOptions options)
    {
        var precision = Type(options.Precision, weights, device);
        var root = new WeightScope(new FileWeightSource(weights, CPU, precision));
        var prefix = Prefix(root);
        var config = RwkvConfig.Read(prefix.Length > 0 ? root["rwkv"] : root);
        var hasDecoder = HasDecoder(device, config);
        if (IsQuantised(options.Precision) && !hasDecoder)
        {
            throw new NotSupportedException(
                $"{options.Precision} weights were asked for, but {config.Version} is decoded by libtorch on {(device.IsCpu ? "the CPU" : device.Cuda!.Device.Name)}, which has Float32, BFloat16 and Float16.");
        }

        var packed = !hasDecoder ? 0
            : device.IsCpu ? DecodeWeights.PackedBytes(weights, prefix, options.Precision)
            : DecodeWeights.PackedBytes(weights, prefix, DecodePrecision(options, precision)) + TableBytes(weights.Find(prefix + "emb.weight"));
        var vision = options.VisionPrecision == WeightPrecision.Auto ? precision : Type(options.VisionPrecision, weights, device);
        return new ModelPlacement(device, precision, vision, MemoryPlan.Of(folder.Name, weights, config, prefix, precision, options, packed, !device.IsCpu));
    }

    /// <summary>What the language model's names begin with: VisualRWKV puts 'rwkv.' there; v5 was published as two files, the language model's with plain names.</summary>
    public static string Prefix(WeightScope root) => root.Has("rwkv.emb.weight") ? "rwkv." : "";

    /// <summary>Whether libtorch has no such matrices, and only our decoders do.</summary>
    public static bool IsQuantised(WeightPrecision precision) => precision is WeightPrecision.Int8 or WeightPrecision.Int4;

    /// <summary>The format that a decoder's matrices have where libtorch's have another.</summary>
    public static WeightPrecision DecodePrecision(EngineOptions options, ScalarType precision) => IsQuantised(options.Precision) ? options.Precision : NameOf(precision);

    private static WeightPrecision NameOf(ScalarType type) => type switch
    {
        ScalarType.BFloat16 => WeightPrecision.BFloat16,
        ScalarType.Float16 => WeightPrecision.Float16,
        _ => WeightPrecision.Float32,
    };

    // The embeddings go to a GPU, too; on the CPU they are looked up in the file.
    private static long TableBytes(WeightInfo table) => table.Count * table.Type.ItemSize();

    private static ScalarType Type(WeightPrecision wanted, IWeightFile weights, ComputeDevice device) => wanted switch
    {
        WeightPrecision.Float32 => ScalarType.Float32,
        WeightPrecision.BFloat16 => ScalarType.BFloat16,
        WeightPrecision.Float16 => ScalarType.Float16,
        _ => (device.IsCpu, StoredType(weights)) switch
        {
            (false, ScalarType.Float32) => ScalarType.Float16,
            (false, var stored) => stored,
            (true, ScalarType.BFloat16) when weights.Tensors.Values.Sum(static info => info.Count) > WidenUpTo => ScalarType.BFloat16,
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
}
