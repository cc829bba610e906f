using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using RwkvSk.Engine.Models;
using static TorchSharp.torch;

namespace RwkvSk.Engine.Vision;

/// <summary>Finds a checkpoint's eyes: which towers there are, and which projector. The names say it.</summary>
internal static partial class VisionReader
{
    // In the order of their channels in the features.
    private static readonly string[] Featurizers = ["dino", "siglip", "sam"];

    /// <summary>Reads towers and projector.</summary>
    /// <param name="root">The whole checkpoint.</param>
    /// <param name="config">The language model.</param>
    /// <param name="heads">Attention heads by tower, where they are not those of the published towers.</param>
    /// <param name="positions">Positions per picture; null takes every patch.</param>
    /// <param name="device">Where it runs.</param>
    /// <param name="logger">Is told which of UHD's two projectors was found.</param>
    /// <exception cref="ModelFormatException">The towers or the projector are of no supported family.</exception>
    public static VisionEncoder Read(WeightScope root, RwkvConfig config, IReadOnlyDictionary<string, int> heads, int? positions, TorchSharp.torch.Device device, ILogger? logger = null)
    {
        if (root.HasAny("vtc."))
        {
            throw new ModelFormatException("This VisualRWKV has a token compressor ('vtc', v7.03 and v7.04), which is not supported.");
        }

        var tower = Towers(root["vit"], heads);
        var (projector, isTiled) = Projector(root["proj"], tower.Width, config.Width, logger ?? NullLogger.Instance);
        return new VisionEncoder(tower, projector, isTiled, config.HasClassTokenFirst, positions, device);
    }

    private static CompositeTower Towers(WeightScope vit, IReadOnlyDictionary<string, int> heads)
    {
        var featurizers = Featurizers.Where(name => vit.HasAny($"{name}_featurizer.")).ToList();
        if (featurizers.Count > 0)
        {
            return new CompositeTower([.. featurizers.Select(name => Featurizer(name, vit[$"{name}_featurizer"]))]);
        }

        // Newer libraries write the tower without its inner name.
        var tower = vit.HasAny("vision_model.") ? vit["vision_model"] : vit;
        return tower.Has("embeddings.patch_embedding.weight")
            ? new CompositeTower(new VitTower(tower, VitConfig.Read(tower, HeadsOf(tower.Has("embeddings.class_embedding") ? "clip" : "siglip"))))
            : throw new ModelFormatException(
                "The checkpoint's vision tower ('vit') is of no known family: expected CLIP or SigLIP ('vit.vision_model'), or DINOv2, SigLIP and SAM ('vit.dino_featurizer', 'vit.siglip_featurizer', 'vit.sam_featurizer').");

        IVisionTower Featurizer(string name, WeightScope scope) =>
            name == "sam" ? new SamTower(scope, HeadsOf(name)) : new VitTower(scope, VitConfig.Read(scope, HeadsOf(name)));

        int? HeadsOf(string name) => heads.TryGetValue(name, out var count) ? count : null;
    }

    // Features as wide as two towers are a picture's and its quarters': UHD.
    private static (IProjector Projector, bool IsTiled) Projector(WeightScope proj, int tower, int width, ILogger logger)
    {
        var name = proj.Has("weight") ? "weight" : proj.Has("proj.weight") ? "proj.weight" : "gate.weight";
        if (!proj.Has(name))
        {
            throw new ModelFormatException("The checkpoint has vision towers, but no projector: expected 'proj.weight', 'proj.proj.weight' or 'proj.gate.weight'.");
        }

        var features = proj.ShapeOf(name)[^1];
        if (features != tower && features != 2 * tower)
        {
            throw new ModelFormatException($"'proj.{name}' reads {features} features, but the vision towers give {tower}.");
        }

        var isTiled = features != tower;
        IProjector projector = name switch
        {
            "weight" => new LinearProjector(proj, features, width),
            "gate.weight" => new ContextGatedProjector(proj, features, width),
            _ when isTiled && IsTrained(proj, width, logger) => new GatedProjector(proj, features, width),
            _ when isTiled => new ReluProjector(proj, features, width),
            _ => new GatedProjector(proj, features, width),
        };
        return (projector, isTiled);
    }

    // UHD's code went over from the gate to a rectifier shortly before its file was published, and the file has a gate either way. One that was never trained still
    // has its first numbers: evenly spread between ±1/√C, so that 3 C times their mean square is 1, give or take 0.9/C.
    private static bool IsTrained(WeightScope proj, int width, ILogger logger)
    {
        const double Rounding = 0.01, Deviations = 6 * 0.9;   // 16-bit numbers are rounded by 0.4 %
        if (!proj.Has("gate.weight"))
        {
            return false;
        }

        using var temporaries = NewDisposeScope();
        var gate = proj.Vector("gate.weight", width, width);
        var largest = gate.abs().max().cpu().item<float>() * Math.Sqrt(width);
        var spread = gate.square().mean().cpu().item<float>() * 3.0 * width;
        var isTrained = largest > 1 + Rounding || Math.Abs(spread - 1) > Rounding + (Deviations / width);
        LogUhd(logger, isTrained ? "trained: it is used" : "as it was initialised: the features are rectified instead");
        return isTrained;
    }

    [LoggerMessage(EventId = 3, Level = LogLevel.Information, Message = "The gate of the UHD projector is {Finding}.")]
    private static partial void LogUhd(ILogger logger, string finding);
}
