using RwkvSk.Engine.Kernels;
using RwkvSk.Engine.Scheduling;

namespace RwkvSk.Engine.Tests.Kernels;

/// <summary>Steps of a decoder, whatever it runs on, that give their logits.</summary>
internal static class PoolDecoderExtensions
{
    /// <summary>Reads tokens, so many at a time, and gives the logits after each such chunk. [chunks * V]</summary>
    public static float[] Read(this IPoolDecoder decoder, int vocabulary, int slot, ReadOnlySpan<int> tokens, int chunk)
    {
        var logits = new float[(tokens.Length + chunk - 1) / chunk * vocabulary];
        for (var at = 0; at < tokens.Length; at += chunk)
        {
            decoder.Prefill(
                new BatchRow(slot, tokens.Slice(at, Math.Min(chunk, tokens.Length - at)).ToArray(), null, true), logits.AsSpan(at / chunk * vocabulary, vocabulary));
        }

        return logits;
    }

    /// <summary>One token each. [rows * V]</summary>
    public static float[] Decode(this IPoolDecoder decoder, int vocabulary, IEnumerable<(int Slot, int Token)> rows)
    {
        BatchRow[] batch = [.. rows.Select(static row => new BatchRow(row.Slot, new[] { row.Token }, null, true))];
        var logits = new float[batch.Length * vocabulary];
        decoder.Decode(batch, logits);
        return logits;
    }
}
