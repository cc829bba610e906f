using System.Diagnostics;
using RwkvSk.Engine.Kernels.Torch.Spans;
using static TorchSharp.torch;

namespace RwkvSk.Engine.Models;

/// <summary>
/// The language model: embeddings, ln0, blocks, ln_out, head. One shape for all phases, [B,T,C]: T = 1 decodes, B = 1 prefills, both at once train.
/// It is immutable; states come in and go out as values.
/// </summary>
internal sealed class RwkvModel
{
    private readonly Tensor _embedding, _head;
    private readonly LayerNorm _ln0, _lnOut;
    private readonly Block[] _blocks;

    /// <param name="rwkv">The scope with <c>emb.weight</c>.</param>
    /// <param name="config">The sizes.</param>
    /// <param name="initialState">The state of a sequence that has read nothing, [L,R,C]; null takes the checkpoint's own.</param>
    public RwkvModel(WeightScope rwkv, RwkvConfig config, Tensor? initialState = null)
    {
        Config = config;
        _embedding = rwkv.Table("emb.weight", config.VocabularySize, config.Width);
        var blocks = rwkv["blocks"];
        _ln0 = new LayerNorm(blocks[0]["ln0"], config.Width);
        _blocks = [.. Enumerable.Range(0, config.LayerCount).Select(i => new Block(
            new LayerNorm(blocks[i]["ln1"], config.Width), Mixers.TimeMix(config, blocks[i]["att"], i),
            new LayerNorm(blocks[i]["ln2"], config.Width), Mixers.ChannelMix(config, blocks[i]["ffn"])))];
        _lnOut = new LayerNorm(rwkv["ln_out"], config.Width);
        _head = rwkv.Matrix("head.weight", config.VocabularySize, config.Width);
        var ownState = Models.InitialState.Read(rwkv, config, _embedding.device);
        InitialState = initialState ?? ownState;
    }

    /// <summary>The sizes.</summary>
    public RwkvConfig Config { get; }

    /// <summary>The raw embedding table, in the checkpoint's type. [V,C]</summary>
    public Tensor Embeddings => _embedding;

    /// <summary>The state of a sequence that has read nothing. [L,R,C]</summary>
    public Tensor InitialState { get; }

    /// <summary>Raw token embeddings (before ln0). ids [B,T] int64 -> [B,T,C]</summary>
    public Tensor Embed(Tensor ids) => _embedding.index_select(0, ids.flatten()).to(ScalarType.Float32).view(ids.shape[0], ids.shape[1], Config.Width);

    /// <summary>Reads T positions. Image positions are given raw as well: ln0 is applied to both.</summary>
    /// <param name="x">Raw embeddings. [B,T,C]</param>
    /// <param name="states">One per layer; replaced by the states after the last position.</param>
    /// <param name="step">null takes the engine's own kernels.</param>
    /// <param name="image">Where an image's patches lie, to be scanned as <see cref="RwkvConfig.Scan"/> says; null when there are none. A span passes in one step.</param>
    /// <returns>What ln_out and the head turn into logits. [B,T,C]</returns>
    public Tensor Forward(Tensor x, IReadOnlyList<LayerState> states, StepContext? step = null, ImageSpan? image = null)
    {
        x = _ln0.Apply(x);
        step ??= new StepContext { UsesSpanPasses = SpanPasses.Serve(x) };
        var orders = image is { } span ? ScanOrder.Of(Config.Scan, span, x.shape[1], x.device) : null;
        for (var i = 0; i < _blocks.Length; i++)
        {
            // A layer's temporaries are many times what it hands on.
            using var temporaries = NewDisposeScope();
            var next = orders?[i % orders.Count] is { } order ? Reordered(order, _blocks[i], x, states[i], step) : _blocks[i].Forward(x, states[i], step);
            temporaries.MoveToOuter(next);
            states[i].MoveToOuter(temporaries);
            if (step.FirstValue is not null)
            {
                temporaries.MoveToOuter(step.FirstValue);
            }

            x.Dispose();
            x = next;
        }

        return x;
    }

    // The block reads the positions in another order; what it gives, and what layer 0 gave, stand as before again.
    private static Tensor Reordered(ScanOrder order, Block block, Tensor x, LayerState state, StepContext step)
    {
        var first = step.FirstValue;
        step.FirstValue = first is null ? null : order.Forth(first);
        x = order.Back(block.Forward(order.Forth(x), state, step));
        step.FirstValue = first;
        return x;
    }

    /// <summary>[..., C] -> [..., V]</summary>
    public Tensor Logits(Tensor x) => TensorMath.Linear(_lnOut.Apply(x), _head);

    /// <summary>States of B sequences that have read nothing.</summary>
    public LayerState[] EmptyStates(long batch, TorchSharp.torch.Device device) => Unpack(InitialState.to(device).unsqueeze(1).repeat(1, batch, 1, 1));

    /// <summary>The layers' views of states. [L,B,R,C]</summary>
    public LayerState[] Unpack(Tensor states) => [.. Enumerable.Range(0, Config.LayerCount).Select(layer => LayerState.Of(states.select(0, layer), Config))];

    /// <summary>States in one tensor again. [L,B,R,C]</summary>
    public static Tensor Pack(IEnumerable<LayerState> states) => stack(states.Select(static state => state.Rows()), 0);
}

/// <summary>Which mixers a version is made of.</summary>
internal static class Mixers
{
    public static IMixer TimeMix(RwkvConfig config, WeightScope att, int layer) => config.Version switch
    {
        RwkvVersion.V4 => new Rwkv4TimeMix(att, config),
        RwkvVersion.V5 => new Rwkv5TimeMix(att, config),
        RwkvVersion.V6 => new Rwkv6TimeMix(att, config),
        RwkvVersion.V7 => new Rwkv7TimeMix(att, config, layer),
        _ => throw new UnreachableException($"unhandled version {config.Version}"),
    };

    public static IMixer ChannelMix(RwkvConfig config, WeightScope ffn) => config.Version switch
    {
        RwkvVersion.V4 or RwkvVersion.V5 or RwkvVersion.V6 => new GatedChannelMix(ffn, config),
        RwkvVersion.V7 => new Rwkv7ChannelMix(ffn, config),
        _ => throw new UnreachableException($"unhandled version {config.Version}"),
    };
}
