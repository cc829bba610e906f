using static TorchSharp.torch;

namespace RwkvSk.Engine.Models;

/// <summary>
/// What VisualRWKV v7.00's published evaluation does before every pass: it puts the stop token's embedding in front until the length is a multiple of the
/// training kernel's chunk. That changes the logits, and differently for every length; the engine does it only where <see cref="EngineOptions.EvaluationPadding"/> asks for it.
/// </summary>
internal static class EvaluationPadding
{
    /// <summary>What stands in front: the end of an answer.</summary>
    public const int Token = 261;

    private const int Multiple = 16;

    /// <summary>How many positions are put in front of so many.</summary>
    public static int Count(long positions) => (int)((Multiple - (positions % Multiple)) % Multiple);

    /// <summary>Raw embeddings with the padding in front. [B,T,C] -> [B,P+T,C]</summary>
    public static Tensor Apply(RwkvModel model, Tensor x)
    {
        var count = Count(x.shape[1]);
        return count == 0 ? x : cat([model.Embeddings.select(0, Token).to(ScalarType.Float32).expand(x.shape[0], count, x.shape[2]), x], 1);
    }
}
