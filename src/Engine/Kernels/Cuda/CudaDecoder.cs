using System.Diagnostics;
using RwkvSk.Engine.Kernels.Cuda.Driver;
using RwkvSk.Engine.Kernels.Cuda.Mixers;
using RwkvSk.Engine.Kernels.Cuda.Parameters;
using RwkvSk.Engine.Kernels.Cuda.Weights;
using RwkvSk.Engine.Models;
using RwkvSk.Engine.Scheduling;
using RwkvSk.Engine.Weights;

namespace RwkvSk.Engine.Kernels.Cuda;

/// <summary>
/// The language model for a few positions at a time on a GPU: embeddings, ln0, mixers, ln_out, head, in kernels of our own over weights of its own, recorded as one graph per
/// number of positions. With many positions cuBLAS multiplies, where there is one: <see cref="ProductGroup"/>. Below <see cref="ManyPositions"/> a position's numbers
/// do not depend, to the bit, on which others are in the step nor on how many. From there on, under cuBLAS, vectors are rounded to the weights' 16 bits and the order of sums is
/// cuBLAS's, which may choose it by how many positions there are: numbers agree with those below as far as that rounding goes. States are advanced in place, on the context's stream: whoever else
/// touches them waits for that stream first, and a step returns after it. One step at a time.
/// </summary>
internal sealed unsafe partial class CudaDecoder : IPoolDecoder
{
    /// <summary>Prompts up to this length are read here, token by token, and not by matrix products over all positions.</summary>
    public const int FewPositions = 16;

    /// <summary>
    /// From this bucket on cuBLAS multiplies. Up to 16 positions a step's weights still meet in L2 between the kernels' passes, and the passes' arithmetic about keeps pace with
    /// the memory; from 32 on it cannot. Reckoned, not measured.
    /// </summary>
    public const int ManyPositions = 32;

    private readonly CudaContext _context;
    private readonly DeviceArena _weights;
    private readonly CudaStep _step;
    private readonly Embed _embed;
    private readonly ICudaMixer[] _mixers;
    private readonly NormMix _lnOut;
    private readonly ProductGroup _head;
    private readonly DeviceBuffer _logits;
    private readonly PinnedBuffer _inputs, _outputs;
    private readonly Dictionary<(int Positions, StepEnd End), CudaGraph> _graphs = [];
    private readonly bool _usesGraphs;
    private readonly int _scratchSlot;

    private enum StepEnd
    {
        Nothing,
        Logits,
        Choice,
    }

    /// <summary>Puts a checkpoint's language model on the device.</summary>
    /// <param name="context">The device; current on the calling thread. Disposed with the decoder.</param>
    /// <param name="file">Needed no longer afterwards.</param>
    /// <param name="prefix">What the names begin with: nothing, or <c>rwkv.</c>.</param>
    /// <param name="config">The sizes.</param>
    /// <param name="states">The pool of states on the device, [L,slots,R,C] fp32, which outlives the decoder.</param>
    /// <param name="slotCount">Slots of the pool; the last belongs to nobody: rows that fill a step up advance it.</param>
    /// <param name="options">How.</param>
    /// <exception cref="CudaException">The device has too little memory, or the driver refuses.</exception>
    public CudaDecoder(CudaContext context, IWeightFile file, string prefix, RwkvConfig config, nint states, int slotCount, CudaDecoderOptions options)
    {
        _context = context;
        (_usesGraphs, _scratchSlot, Capacity, VocabularySize) = (options.UsesGraphs, slotCount - 1, options.Positions, config.VocabularySize);
        var most = CudaKernels.BucketFor(options.Positions);
        var buffers = new DecodeBuffers(context, config, most);
        _step = new CudaStep(config, new CudaKernels(context), buffers, states, slotCount)
        {
            Cublas = options.Cublas is { } cublas && options.Multiplies ? context.Start(cublas) : null,
            ManyPositions = options.ManyPositions,
        };
        Recurrences = new CudaRecurrences(_step.Kernels);
        _weights = new DeviceArena(context);
        var weights = new CudaWeights(file, _weights, options.Precision, prefix);
        var (table, format) = weights.Table("emb.weight", config.VocabularySize, config.Width);
        var ln0 = weights["blocks"][0]["ln0"].Norm(config.Width, 1e-5f);
        _embed = new Embed
        {
            Table = table, Format = (int)format, Tokens = buffers.Inputs.Pointer, Weight = ln0.Weight, Bias = ln0.Bias, Epsilon = ln0.Epsilon,
            X = buffers.X.Pointer, Width = config.Width, Stride = buffers.X.Stride,
        };
        _mixers = [.. Enumerable.Range(0, config.LayerCount).SelectMany(layer => Mixers(weights["blocks"][layer], layer))];
        _lnOut = _step.Norm(weights["ln_out"].Norm(config.Width, 1e-5f), before: 0) with { Normed = buffers.Normed.Pointer };
        _logits = context.Allocate((long)most * config.VocabularySize * sizeof(float));
        var head = weights.Matrix("head.weight", config.VocabularySize, config.Width, isHead: true);
        _head = new ProductGroup(_step, [head.Of(buffers.Normed, new DeviceVectors(_logits.Pointer, config.VocabularySize))]);
        _inputs = context.Pin(2L * Math.Max(most, FewPositions) * sizeof(int));
        _outputs = context.Pin(_logits.Bytes);
        _forbidden = context.Allocate((config.VocabularySize + 31) / 32 * sizeof(uint));
        context.Stream.Fill(_forbidden, 0);
        (_choices, _history) = (context.Allocate((long)most * sizeof(Choice)), context.Allocate((long)MostSteps * most * sizeof(int)));
        (_pinnedChoices, _pinnedHistory) = (context.Pin(_choices.Bytes), context.Pin(_history.Bytes));
        context.Stream.Synchronize();   // the buffers are cleared
    }

    /// <summary>Most rows of a step.</summary>
    public int Capacity { get; }

    /// <summary>V.</summary>
    public int VocabularySize { get; }

    /// <summary>Bytes of weights on the device, the embeddings among them.</summary>
    public long WeightBytes => _weights.Bytes;

    /// <summary>The recurrences for prompts that libtorch reads.</summary>
    public CudaRecurrences Recurrences { get; }

    /// <summary>Whether there are kernels for a model.</summary>
    public static bool Supports(RwkvConfig config) =>
        config.Version is RwkvVersion.V6 or RwkvVersion.V7 && config.HeadSize % 4 == 0 && config.HeadSize <= CudaKernels.MostHeadSize;

    /// <summary>Whether a row of a prefill step is read here: tokens, and few of them.</summary>
    public bool Takes(BatchRow row) => row.Image is null && row.Positions <= FewPositions;

    /// <summary>Reads one token of every row.</summary>
    /// <param name="rows">Different slots.</param>
    /// <param name="logits">Receives [rows that want them, V], in row order.</param>
    public void Decode(IReadOnlyList<BatchRow> rows, Span<float> logits)
    {
        var positions = Place(rows);
        _context.MakeCurrent();
        Bring(positions, inputsAt: 0);
        Run(positions, AnyWants(rows) ? StepEnd.Logits : StepEnd.Nothing);
        _context.Stream.Synchronize();
        GiveLogits(rows, logits);
    }

    // Copies the rows that are wanted out of the pinned buffer.
    private void GiveLogits(IReadOnlyList<BatchRow> rows, Span<float> logits)
    {
        for (var i = 0; i < rows.Count; i++)
        {
            if (rows[i].WantLogits)
            {
                _outputs.Span<float>().Slice(i * VocabularySize, VocabularySize).CopyTo(logits);
                logits = logits[VocabularySize..];
            }
        }
    }

    /// <summary>Reads a few tokens of one row, one after the other, without waiting in between.</summary>
    /// <param name="row">At most <see cref="FewPositions"/> tokens.</param>
    /// <param name="logits">Receives [V] if the row wants them.</param>
    public void Prefill(BatchRow row, Span<float> logits)
    {
        var tokens = row.Tokens.Span;
        var inputs = _inputs.Span<int>();
        for (var i = 0; i < tokens.Length; i++)
        {
            (inputs[2 * i], inputs[(2 * i) + 1]) = (Checked(tokens[i]), row.Slot);
        }

        _context.MakeCurrent();
        for (var i = 0; i < tokens.Length; i++)
        {
            Bring(1, inputsAt: 2 * i);
            Run(1, row.WantLogits && i == tokens.Length - 1 ? StepEnd.Logits : StepEnd.Nothing);
        }

        _context.Stream.Synchronize();
        if (row.WantLogits)
        {
            _outputs.Span<float>()[..VocabularySize].CopyTo(logits);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _context.Dispose();

    // Puts a step's rows into the pinned buffer, filled up to a bucket.
    private int Place(IReadOnlyList<BatchRow> rows)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rows.Count, Capacity);
        var positions = CudaKernels.BucketFor(rows.Count);
        var inputs = _inputs.Span<int>()[..(2 * positions)];
        for (var i = 0; i < positions; i++)
        {
            (inputs[i], inputs[positions + i]) = i < rows.Count ? (Checked(rows[i].Tokens.Span[0]), rows[i].Slot) : (0, _scratchSlot);
        }

        return positions;
    }

    // Queues the copy of tokens and slots. Steps that follow each other without waiting have theirs in different places, for the copy may happen later.
    private void Bring(int positions, int inputsAt) => _context.Check(
        _context.Driver.QueueCopyToDevice(_step.Buffers.Inputs.Pointer, (int*)_inputs.Pointer + inputsAt, 2L * positions * sizeof(int), _context.Stream.Handle), "cuMemcpyHtoDAsync");

    // Queues a step.
    private void Run(int positions, StepEnd end)
    {
        if (!_usesGraphs)
        {
            Forward(positions, end);
            return;
        }

        (_graphs.GetValueOrDefault((positions, end)) ?? Record(positions, end)).Launch();
    }

    // By itself, so that what the recording holds is made once per graph and not per token.
    private CudaGraph Record(int positions, StepEnd end)
    {
        _step.Prepare(positions);
        var graph = _context.Capture(() => Forward(positions, end));
        _graphs.Add((positions, end), graph);
        return graph;
    }

    // By index: an enumerator would be an object per token.
    private static bool AnyWants(IReadOnlyList<BatchRow> rows)
    {
        for (var i = 0; i < rows.Count; i++)
        {
            if (rows[i].WantLogits)
            {
                return true;
            }
        }

        return false;
    }

    private void Forward(int positions, StepEnd end)
    {
        var kernels = _step.Kernels;
        kernels.Embed(_embed, positions);
        foreach (var mixer in _mixers)
        {
            mixer.Forward(positions);
        }

        if (end == StepEnd.Nothing)
        {
            return;
        }

        kernels.NormMix(_lnOut, positions);
        _head.Forward(positions);
        if (end == StepEnd.Choice)
        {
            Choose(positions);
        }
        else
        {
            _context.Stream.Copy(_logits, _outputs, (long)positions * VocabularySize * sizeof(float));
        }
    }

    private ICudaMixer[] Mixers(CudaWeights block, int layer) => _step.Config.Version switch
    {
        RwkvVersion.V6 => [new Rwkv6TimeStep(block, layer, _step), new GatedChannelStep(block, layer, _step)],
        RwkvVersion.V7 => [new Rwkv7TimeStep(block, layer, _step), new Rwkv7ChannelStep(block, layer, _step)],
        var version => throw new UnreachableException($"no kernels for {version}"),
    };

    private int Checked(int token)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)token, (uint)VocabularySize, nameof(token));   // the table is read where it lies
        return token;
    }
}
