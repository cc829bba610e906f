using RwkvSk.Engine.Models;
using RwkvSk.Engine.Scheduling;
using RwkvSk.Engine.States;
using RwkvSk.Engine.Weights;

namespace RwkvSk.Engine.Kernels.Cpu;

/// <summary>
/// The language model for a few positions at a time on the CPU: embeddings, ln0, mixers, ln_out, head, all of it managed code over packed weights. A position's numbers do not depend,
/// to the bit, on which others are in the step. States are advanced in place. One step at a time, and a step makes no garbage.
/// </summary>
internal sealed unsafe class CpuDecoder : IPoolDecoder
{
    /// <summary>Prompts up to this length are read here and not by matrix products over all positions.</summary>
    public const int FewPositions = 16;

    private readonly NativeArena _weights = new(), _activations = new(1 << 21);
    private readonly WorkerPool _pool;
    private readonly DecodeFrame _frame;
    private readonly MixBuffers _buffers;
    private readonly VectorKernels _vectors;
    private readonly EmbeddingRows _embedding;
    private readonly NormWeights _ln0, _lnOut;
    private readonly IDecodeMixer[] _mixers;
    private readonly VectorCount _wanted = new();
    private readonly Vectors _outputs;
    private readonly Product _head;
    private readonly ProductPass _headPass;

    /// <summary>Packs a checkpoint's language model.</summary>
    /// <param name="file">Stays open, for the embeddings are read from it.</param>
    /// <param name="prefix">What the names begin with: nothing, or <c>rwkv.</c>.</param>
    /// <param name="config">The sizes.</param>
    /// <param name="states">The pool of states, [L,slots,R,C], which outlives the decoder.</param>
    /// <param name="options">How.</param>
    public CpuDecoder(IWeightFile file, string prefix, RwkvConfig config, StatesInPlace states, CpuDecoderOptions options)
    {
        var layout = new StateLayout(config.LayerCount, config.StateRows, config.Width);
        _frame = new DecodeFrame((float*)states.Data, states.SlotCount, layout, options.Positions, _activations);
        _vectors = VectorKernels.For(options.Level, config.Width);
        var weights = new DecodeWeights(file, _weights, options.Level, options.Precision, prefix);
        _embedding = new EmbeddingRows(file, prefix + "emb.weight", config.Width);
        _ln0 = weights["blocks"][0]["ln0"].Norm(config.Width, 1e-5f);
        _pool = new WorkerPool(options.Threads, DecodeMixers.ScratchFloats(config, options.Positions));
        _buffers = new MixBuffers(config, options.Positions, _activations);
        _mixers = DecodeMixers.Of(weights["blocks"], new MixerParts(config, _frame, _buffers, _vectors, _pool));
        _lnOut = weights["ln_out"].Norm(config.Width, 1e-5f);
        _outputs = Vectors.Take(_activations, options.Positions, config.Width);
        _head = new Product(weights.Matrix("head.weight", config.VocabularySize, config.Width, isHead: true), _outputs, default);
        _headPass = new ProductPass(_wanted, options.Positions, _head);
        VocabularySize = config.VocabularySize;
    }

    /// <inheritdoc/>
    public int Capacity => _frame.Capacity;

    /// <summary>V.</summary>
    public int VocabularySize { get; }

    /// <inheritdoc/>
    public long WeightBytes => _weights.Bytes;

    /// <summary>Share of the channel mixes' second matrices that decoding alone need not read, so far; 0 in versions without relu squared.</summary>
    public double EmptyShare => _buffers.Filled?.EmptyShare ?? 0;

    /// <inheritdoc/>
    public bool Takes(BatchRow row) => row.Image is null && row.Positions <= FewPositions;

    /// <inheritdoc/>
    public void Decode(IReadOnlyList<BatchRow> rows, Span<float> logits)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rows.Count, Capacity);
        for (var i = 0; i < rows.Count; i++)
        {
            Place(i, rows[i].Tokens.Span[0], rows[i].Slot);
        }

        Forward(rows.Count);
        for (var i = 0; i < rows.Count; i++)
        {
            if (rows[i].WantLogits)
            {
                Want(i);
            }
        }

        Head(logits);
    }

    /// <inheritdoc/>
    public void Prefill(BatchRow row, Span<float> logits)
    {
        var tokens = row.Tokens.Span;
        for (var i = 0; i < tokens.Length; i++)
        {
            Place(i, tokens[i], row.Slot);
        }

        Forward(tokens.Length);
        if (row.WantLogits)
        {
            Want(tokens.Length - 1);
        }

        Head(logits);
    }

    private void Place(int position, int token, int slot)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)token, (uint)VocabularySize, nameof(token));   // the table is read where it lies
        var x = _frame.X[position];
        _frame.Place(position, slot);
        _embedding.Read(token, x);
        _vectors.Norm(x, _ln0, x);
    }

    private void Forward(int positions)
    {
        (_frame.Count.Value, _wanted.Value) = (positions, 0);
        foreach (var mixer in _mixers)
        {
            mixer.Forward(_frame);
        }
    }

    private void Want(int position) => _vectors.Norm(_frame.X[position], _lnOut, _outputs[_wanted.Value++]);

    // logits = head ln_out(x), for those who want them.
    private void Head(Span<float> logits)
    {
        if (_wanted.Value == 0)
        {
            return;
        }

        fixed (float* y = logits[..(_wanted.Value * VocabularySize)])
        {
            _head.Y = new Vectors((nint)y, VocabularySize);
            _pool.Run(_headPass);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _pool.Dispose();
        _activations.Dispose();
        _weights.Dispose();
    }
}
