using RwkvSk.Engine.Models;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace RwkvSk.Engine.Vision;

/// <summary>x + attention(norm1(x)) within windows or over the whole grid, then x + mlp(norm2(x)). All of [B,G,G,D].</summary>
internal sealed class SamBlock
{
    // A whole picture's attention bias is 800 MB at SAM's size; it is made for a few rows of queries at a time.
    private const long BiasNumbers = 1 << 24;

    private readonly LayerNorm _norm1, _norm2;
    private readonly Affine _qkv, _projection, _lin1, _lin2;
    private readonly Tensor _offsetsH, _offsetsW;
    private readonly int _heads, _window;

    public SamBlock(WeightScope block, long width, int heads, int grid, double epsilon)
    {
        var attention = block["attn"];
        var table = attention.ShapeOf("rel_pos_h")[0];                                     // offsets -(w-1) .. w-1
        var mlp = block["mlp"].ShapeOf("lin1.weight")[0];
        (_heads, _window) = (heads, (int)(table + 1) / 2);
        if (_window > grid)
        {
            throw new ModelFormatException($"The SAM tower's 'rel_pos_h' has {table} offsets, expected at most {(2 * grid) - 1} for a grid of {grid}.");
        }

        (_norm1, _norm2) = (new LayerNorm(block["norm1"], width, epsilon), new LayerNorm(block["norm2"], width, epsilon));
        (_qkv, _projection) = (new Affine(attention["qkv"], 3 * width, width), new Affine(attention["proj"], width, width));
        (_lin1, _lin2) = (new Affine(block["mlp"]["lin1"], mlp, width), new Affine(block["mlp"]["lin2"], width, mlp));
        (_offsetsH, _offsetsW) = (Offsets("rel_pos_h"), Offsets("rel_pos_w"));

        // [w,w,N]: row = query, column = key, the table's entry for query - key.
        Tensor Offsets(string name)
        {
            var entries = attention.Vector(name, table, width / heads);
            var index = Enumerable.Range(0, _window * _window).Select(i => (long)((i / _window) - (i % _window) + _window - 1)).ToArray();
            return TensorMath.Scoped(() => entries.index_select(0, tensor(index, device: entries.device)).view(_window, _window, -1));
        }
    }

    public Tensor Forward(Tensor x)
    {
        var (batch, grid, width) = (x.shape[0], x.shape[1], x.shape[3]);
        var windows = (grid + _window - 1) / _window;
        var padded = windows * _window;

        // The padding comes after the norm and is attended to like any other patch: its keys and values are the biases.
        var y = functional.pad(_norm1.Apply(x), [0, 0, 0, padded - grid, 0, padded - grid]);
        y = y.reshape(batch, windows, _window, windows, _window, width).transpose(2, 3).reshape(batch * windows * windows, _window, _window, width);
        y = _projection.Apply(Attention(y));
        y = y.reshape(batch, windows, windows, _window, _window, width).transpose(2, 3).reshape(batch, padded, padded, width);
        x = x.Plus(y.narrow(1, 0, grid).narrow(2, 0, grid));
        return x.Plus(_lin2.Apply(functional.gelu(_lin1.Apply(_norm2.Apply(x)))));
    }

    // [B,w,w,D] -> [B,w,w,D]. The relative positions meet the query before it is scaled.
    private Tensor Attention(Tensor x)
    {
        var (batch, w, width) = (x.shape[0], x.shape[1], x.shape[3]);
        var count = w * w;
        var qkv = _qkv.Apply(x).reshape(batch, count, 3, _heads, width / _heads).permute(2, 0, 3, 1, 4);           // [3,B,H,T,N]
        var (q, k, v) = (qkv.select(0, 0), qkv.select(0, 1), qkv.select(0, 2));
        var square = q.reshape(batch, _heads, w, w, width / _heads);
        var byRow = einsum("bnhwc,hkc->bnhwk", square, _offsetsH).unsqueeze(-1);                                // [B,H,h,w,kh,1]
        var byColumn = einsum("bnhwc,wkc->bnhwk", square, _offsetsW).unsqueeze(-2);                             // [B,H,h,w,1,kw]

        var rows = Math.Clamp(BiasNumbers / (batch * _heads * w * count), 1, w);
        var parts = new List<Tensor>();
        for (long at = 0; at < w; at += rows)
        {
            var n = Math.Min(rows, w - at);
            using var temporaries = NewDisposeScope();
            var bias = byRow.narrow(2, at, n).Plus(byColumn.narrow(2, at, n)).reshape(batch, _heads, n * w, count);
            parts.Add(functional.scaled_dot_product_attention(q.narrow(2, at * w, n * w), k, v, bias).MoveToOuterDisposeScope());
        }

        return (parts.Count == 1 ? parts[0] : cat(parts, 2)).transpose(1, 2).reshape(batch, w, w, width);
    }
}
