using System.Diagnostics;
using RwkvSk.Engine.Models;

namespace RwkvSk.Engine.Kernels.Cpu;

/// <summary>Which mixers a version decodes with.</summary>
internal static class DecodeMixers
{
    // Sixteen vectors of head-sized temporaries are more than any mixer has.
    private const int Temporaries = 16;

    /// <summary>Whether there are kernels for a version.</summary>
    public static bool Supports(RwkvVersion version) => version is RwkvVersion.V4 or RwkvVersion.V5 or RwkvVersion.V6 or RwkvVersion.V7;

    /// <summary>Scratch memory per thread that any pass of the model fits in.</summary>
    public static int ScratchFloats(RwkvConfig config, int positions)
    {
        var head = Math.Max(1, config.HeadSize);
        return Math.Max(positions * BlockProduct.MostBlockRows, (4 * positions * HeadRows(head, BlockProduct.MostBlockRows)) + (Temporaries * head));
    }

    /// <summary>The fewest channels that are whole heads and whole blocks.</summary>
    public static int HeadRows(int headSize, int blockRows)
    {
        var rows = headSize;
        while (rows % blockRows != 0)
        {
            rows += headSize;
        }

        return rows;
    }

    /// <summary>Time mix and channel mix of every layer, in order.</summary>
    public static IDecodeMixer[] Of(DecodeWeights blocks, MixerParts parts) =>
    [
        .. Enumerable.Range(0, parts.Config.LayerCount).SelectMany(layer =>
            new[] { TimeMix(blocks[layer], layer, parts), ChannelMix(blocks[layer], layer, parts) }),
    ];

    private static IDecodeMixer TimeMix(DecodeWeights block, int layer, MixerParts parts) => parts.Config.Version switch
    {
        RwkvVersion.V4 => new Rwkv4TimeStep(block, layer, parts),
        RwkvVersion.V5 => new Rwkv5TimeStep(block, layer, parts),
        RwkvVersion.V6 => new Rwkv6TimeStep(block, layer, parts),
        RwkvVersion.V7 => new Rwkv7TimeStep(block, layer, parts),
        var version => throw new UnreachableException($"unhandled version {version}"),
    };

    private static IDecodeMixer ChannelMix(DecodeWeights block, int layer, MixerParts parts) => parts.Config.Version switch
    {
        RwkvVersion.V4 or RwkvVersion.V5 or RwkvVersion.V6 => new GatedChannelStep(block, layer, parts),
        RwkvVersion.V7 => new Rwkv7ChannelStep(block, layer, parts),
        var version => throw new UnreachableException($"unhandled version {version}"),
    };
}
