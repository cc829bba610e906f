using System.Runtime.InteropServices;
using RwkvSk.Engine.Kernels.Cpu;
using RwkvSk.Engine.Prompts;
using RwkvSk.Engine.Scheduling;
using RwkvSk.Engine.States;
using RwkvSk.Engine.Vision;
using static TorchSharp.torch;

namespace RwkvSk.Engine.Models;

/// <summary>
/// Runs the model: with libtorch on any device, and on the CPU, where there are kernels for it, decoding and very short prompts with <see cref="CpuDecoder"/>. Live states lie
/// in one fp32 tensor [L,slots,R,C]; a libtorch step works on copies and puts them back at its end, so a step that fails leaves the pool as it was; the CPU's kernels work
/// in place. Prompts are read one sequence at a time (equal shapes give equal bits, whoever else is waiting); decoding reads one token of every sequence at once.
/// </summary>
internal sealed class TorchModelRunner : IModelRunner
{
    private readonly RwkvModel _model;
    private readonly VisionEncoder? _vision;
    private readonly IImageDecoder _decoder;
    private readonly PictureContents _contents;
    private readonly EngineOptions _options;
    private readonly TorchSharp.torch.Device _device;
    private readonly Tensor _pool;
    private readonly IDisposable _weights;
    private readonly byte[] _fingerprint;
    private readonly CpuDecoder? _cpu;
    private readonly StateBuffers _buffers;

    /// <summary>Takes the parts over.</summary>
    /// <param name="model">The language model.</param>
    /// <param name="vision">Its eyes; null for none.</param>
    /// <param name="options">Slots, threads, limits of pictures.</param>
    /// <param name="device">Where libtorch computes.</param>
    /// <param name="weights">Disposed with the runner.</param>
    /// <param name="fingerprint">What decides the numbers.</param>
    /// <param name="decoder">Makes the CPU's decoder over the pool; null decodes with libtorch.</param>
    public TorchModelRunner(
        RwkvModel model, VisionEncoder? vision, EngineOptions options, TorchSharp.torch.Device device, IDisposable weights, byte[] fingerprint,
        Func<StatesInPlace, CpuDecoder>? decoder = null)
    {
        (_model, _vision, _options, _device, _weights, _fingerprint) = (model, vision, options, device, weights, fingerprint);
        _decoder = options.ImageDecoder ?? new SkiaImageDecoder();
        _contents = new PictureContents(_decoder, options.MaximumImageBytes, options.MaximumImagePixels);
        var config = model.Config;
        Layout = new StateLayout(config.LayerCount, config.StateRows, config.Width);
        _buffers = new StateBuffers(Layout.Length);
        using (var temporaries = NewDisposeScope())
        {
            _pool = model.InitialState.to(device).unsqueeze(1).repeat(1, options.MaxRunning, 1, 1).DetachFromDisposeScope();   // [L,slots,R,C]
        }

        if (options.Threads is { } threads)
        {
            set_num_threads(threads);
        }

        _cpu = decoder?.Invoke(new StatesInPlace(AddressOf(_pool), options.MaxRunning));
    }

    /// <summary>What the model was planned to take; null where nobody planned.</summary>
    public MemoryPlan? Plan { get; init; }

    /// <inheritdoc/>
    public IReadOnlyList<KeyValuePair<string, long>> Memory => Plan is null
        ? []
        : [.. Plan.Items.Where(static item => item.Kind is not (MemoryKinds.PrefixCache or MemoryKinds.ImageCache)).Select(static item => KeyValuePair.Create(item.Kind, item.Bytes))];

    /// <inheritdoc/>
    public StateLayout Layout { get; }

    /// <inheritdoc/>
    public int VocabularySize => _model.Config.VocabularySize;

    /// <inheritdoc/>
    public int SlotCount => _options.MaxRunning;

    /// <inheritdoc/>
    public int PositionsPerImage => _vision?.Positions ?? 0;

    /// <inheritdoc/>
    public ReadOnlySpan<byte> Fingerprint => _fingerprint;

    /// <summary>Bytes of the weights that the CPU decodes with, packed beside the checkpoint's mapping; 0 where libtorch decodes.</summary>
    public long PackedBytes => _cpu?.WeightBytes ?? 0;

    /// <summary>Its eyes; null for none.</summary>
    public VisionEncoder? Vision => _vision;

    /// <summary>Share of the channel mixes' second matrices that decoding one sequence alone did not need.</summary>
    public double EmptyShare => _cpu?.EmptyShare ?? 0;

    /// <inheritdoc/>
    public Digest ContentOf(ImageSegment image) => _contents.Of(image);

    /// <inheritdoc/>
    public IImageEmbeddings EncodeImage(ImageSegment image)
    {
        var vision = _vision ?? throw new NotSupportedException("This model reads no pictures: its checkpoint has no vision tower.");
        if (image.Encoded.Length > _options.MaximumImageBytes)
        {
            throw new ImageFormatException($"The picture file has {image.Encoded.Length:N0} bytes, at most {_options.MaximumImageBytes:N0} are accepted.");
        }

        var pixels = _contents.Take(image) ?? _decoder.Decode(image.Encoded, _options.MaximumImagePixels);
        using var inference = inference_mode();
        using var temporaries = NewDisposeScope();
        return new TorchImageEmbeddings(vision.Encode(pixels).MoveToOuterDisposeScope(), vision.Span);
    }

    /// <inheritdoc/>
    public void Step(Batch batch, Span<float> logits)
    {
        if (_cpu is not null && batch.Phase == Phase.Decode)
        {
            _cpu.Decode(batch.Rows, logits);
            return;
        }

        using var inference = inference_mode();
        using var temporaries = NewDisposeScope();
        if (batch.Phase == Phase.Decode)
        {
            var ids = tensor(batch.Rows.Select(static row => (long)row.Tokens.Span[0]).ToArray(), device: _device).unsqueeze(1);   // [B,1]
            var hidden = Advance(_model.Embed(ids), null, [.. batch.Rows.Select(static row => (long)row.Slot)]);
            Write(_model.Logits(hidden.squeeze(1)), logits);
            return;
        }

        foreach (var row in batch.Rows)
        {
            if (_cpu is not null && CpuDecoder.Takes(row))
            {
                _cpu.Prefill(row, logits);
            }
            else
            {
                var hidden = Read(row);
                if (row.WantLogits)
                {
                    Write(_model.Logits(hidden.narrow(1, row.Positions - 1, 1)), logits[..VocabularySize]);
                }
            }

            logits = row.WantLogits ? logits[VocabularySize..] : logits;
        }
    }

    /// <summary>Reads one row and gives the logits at every position. <paramref name="logits"/> receives [T,V].</summary>
    public void StepWithAllLogits(BatchRow row, Span<float> logits)
    {
        using var inference = inference_mode();
        using var temporaries = NewDisposeScope();
        Write(_model.Logits(Read(row)), logits);
    }

    /// <inheritdoc/>
    public void Reset(int slot)
    {
        using var inference = inference_mode();
        using var temporaries = NewDisposeScope();
        _pool.select(1, slot).copy_(_model.InitialState);
    }

    /// <inheritdoc/>
    public StateSnapshot Capture(int slot, long position)
    {
        using var inference = inference_mode();
        using var temporaries = NewDisposeScope();
        var data = _buffers.Take();
        var source = _pool.select(1, slot);
        if (_device.type == TorchSharp.DeviceType.CPU)
        {
            for (var layer = 0; layer < Layout.LayerCount; layer++)
            {
                Numbers(source, layer).CopyTo(data.AsSpan(NumbersOf(layer)));
            }
        }
        else
        {
            Write(source, data);
        }

        return new StateSnapshot(Layout, position, data);
    }

    /// <inheritdoc/>
    public void Recycle(StateSnapshot snapshot) => _buffers.GiveBack(snapshot.Numbers);

    /// <inheritdoc/>
    public void Restore(int slot, StateSnapshot snapshot)
    {
        if (snapshot.Layout != Layout)
        {
            throw new ArgumentException($"The snapshot is of a {snapshot.Layout} state, expected {Layout}.", nameof(snapshot));
        }

        using var inference = inference_mode();
        using var temporaries = NewDisposeScope();
        var target = _pool.select(1, slot);
        if (_device.type == TorchSharp.DeviceType.CPU)
        {
            for (var layer = 0; layer < Layout.LayerCount; layer++)
            {
                snapshot.Data.Span[NumbersOf(layer)].CopyTo(Numbers(target, layer));
            }
        }
        else
        {
            target.copy_(tensor(snapshot.Data.ToArray()).view(Layout.LayerCount, Layout.RowCount, Layout.Width));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _cpu?.Dispose();
        _pool.Dispose();
        _weights.Dispose();
    }

    private Tensor Read(BatchRow row) => row.Image is TorchImageEmbeddings image
        ? Advance(image.Rows.unsqueeze(0), image.Span, [row.Slot])
        : Advance(_model.Embed(tensor(MemoryMarshal.ToEnumerable(row.Tokens).Select(static id => (long)id).ToArray(), device: _device).unsqueeze(0)), null, [row.Slot]);

    // x [B,T,C] with row b in slot slots[b]; the new states are written back when every layer has succeeded.
    private Tensor Advance(Tensor x, ImageSpan? image, long[] slots)
    {
        var index = tensor(slots, device: _device);
        var states = _model.Unpack(_pool.index_select(1, index));                          // [L,B,R,C]
        var hidden = _model.Forward(x, states, image: image);
        _pool.index_copy_(1, index, RwkvModel.Pack(states));
        return hidden;
    }

    // The first row's span starts where the tensor does. libtorch's memory does not move.
    private static unsafe nint AddressOf(Tensor pool)
    {
        using var temporaries = NewDisposeScope();
        return (nint)System.Runtime.CompilerServices.Unsafe.AsPointer(ref MemoryMarshal.GetReference(pool[0, 0, 0].bytes));
    }

    private static Span<float> Numbers(Tensor state, int layer) => MemoryMarshal.Cast<byte, float>(state.select(0, layer).bytes);

    private Range NumbersOf(int layer) => (layer * Layout.RowCount * Layout.Width)..((layer + 1) * Layout.RowCount * Layout.Width);

    private static void Write(Tensor source, Span<float> target)
    {
        var flat = source.to(ScalarType.Float32).cpu().contiguous();
        MemoryMarshal.Cast<byte, float>(flat.bytes).CopyTo(target);
    }
}
