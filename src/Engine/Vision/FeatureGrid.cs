using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace RwkvSk.Engine.Vision;

/// <summary>Square grids of patch features, row by row.</summary>
internal static class FeatureGrid
{
    /// <summary>Every patch as it is (see <see cref="PoolWithClass"/>).</summary>
    public const int Unpooled = -1;

    /// <summary>AdaptiveAvgPool2d over the grid. [B,G*G,D] -> [B,P,D], P a square number.</summary>
    public static Tensor Pool(Tensor features, int positions) =>
        features.shape[1] == positions ? features : Rows(functional.adaptive_avg_pool2d(Map(features), [Side(positions), Side(positions)]));

    /// <summary>VisualRWKV v5's and v6.0's grid pooling over CLIP's features.</summary>
    /// <param name="features">The class token, then the patches. [B,1+G*G,D]</param>
    /// <param name="size">
    /// <see cref="Unpooled"/>: all patches and the class token. 0: the class token alone. 1: the patches' mean and the class token; v5: one mean of all. More: means over
    /// squares of G / size patches, and the class token.
    /// </param>
    /// <param name="classFirst">Whether the class token stays in front (v5) or comes last (v6.0).</param>
    /// <returns>[B,P,D]</returns>
    public static Tensor PoolWithClass(Tensor features, int size, bool classFirst)
    {
        var token = features.narrow(1, 0, 1);
        var patches = features.narrow(1, 1, features.shape[1] - 1);
        switch (size)
        {
            case 0:
                return token;
            case 1 when classFirst:
                return features.mean([1], keepdim: true);
            case 1:
                patches = patches.mean([1], keepdim: true);
                break;
            case > 1:
                var window = Side(patches.shape[1]) / size;
                patches = Rows(functional.avg_pool2d(Map(patches), [window, window]));
                break;
        }

        return cat(classFirst ? [token, patches] : [patches, token], 1);
    }

    /// <summary>Patches per row after <see cref="PoolWithClass"/>; 0 when no patches are left, or only their mean with the class token.</summary>
    public static int SideAfterPooling(int side, int size, bool classFirst) => size switch
    {
        Unpooled => side,
        0 => 0,
        1 => classFirst ? 0 : 1,
        _ => side / (side / size),
    };

    /// <summary>
    /// VisualRWKV-UHD: the whole picture's features beside those of its quarters, which are averaged over 2 x 2 patches and put together as the quarters lie.
    /// </summary>
    /// <param name="whole">[B,G*G,D]</param>
    /// <param name="quarters">Top left, top right, bottom left, bottom right; [B,G*G,D] each.</param>
    /// <returns>[B,G*G,2D]</returns>
    public static Tensor BesideQuarters(Tensor whole, IReadOnlyList<Tensor> quarters)
    {
        var half = Side(whole.shape[1]) / 2;
        var maps = quarters.Select(quarter => functional.adaptive_avg_pool2d(Map(quarter), [half, half])).ToArray();         // [B,D,G/2,G/2]
        return cat([whole, Rows(cat([cat([maps[0], maps[1]], 3), cat([maps[2], maps[3]], 3)], 2))], -1);
    }

    // [B,G*G,D] -> [B,D,G,G]
    private static Tensor Map(Tensor features)
    {
        var side = Side(features.shape[1]);
        return features.transpose(1, 2).reshape(features.shape[0], features.shape[2], side, side);
    }

    // [B,D,G,G] -> [B,G*G,D]
    private static Tensor Rows(Tensor map) => map.flatten(2).transpose(1, 2);

    private static long Side(long count) => (long)Math.Round(Math.Sqrt(count));
}
