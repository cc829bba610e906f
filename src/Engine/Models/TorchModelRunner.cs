using System.Runtime.InteropServices;
using RwkvSk.Engine.Kernels;
using RwkvSk.Engine.Kernels.Cpu;
using RwkvSk.Engine.Kernels.Cuda;
using RwkvSk.Engine.Kernels.Cuda.Driver;
using RwkvSk.Engine.Prompts;
using RwkvSk.Engine.Sampling;
using RwkvSk.Engine.Scheduling;
using RwkvSk.Engine.States;
using RwkvSk.Engine.Vision;
using static TorchSharp.torch;

namespace RwkvSk.Engine.Models;

/// <summary>
/// Runs the model: with libtorch on any device, and where there are kernels for it, decoding and very short prompts with an <see cref="IPoolDecoder"/>. Live states lie
/// in one fp32 tensor [L,slots,R,C]; a libtorch step works on copies and puts them back at its end, so a step that fails leaves the pool as it was; the decoder's kernels work
/// in place. Prompts are read one sequence at a time (equal shapes give equal bits, whoever else is waiting); decoding reads one token of every sequence at once.
/// </summary>
internal sealed class TorchModelRunner : IModelRunner, ITokenChooser
{
    private readonly RwkvModel _model;
    private readonly VisionEncoder? _vision;
    private readonly IImageDecoder _pictures;
    private readonly PictureContents _contents;
    private readonly EngineOptions _options;
    private readonly TorchSharp.torch.Device _device;
    private readonly Tensor _pool;
    private readonly IDisposable _weights;
    private readonly byte[] _fingerprint;
    private readonly StateBuffers _buffers;
    private readonly CudaContext? _cuda;
    private readonly PoolHandover? _handover;   // null on the CPU, where nothing runs after its call
    private readonly IStateMemory _states;
    private readonly IPoolDecoder? _decoder;
    private readonly CudaRecurrences? _recurrences;

    /// <summary>Takes the parts over.</summary>
    /// <param name="model">The language model.</param>
    /// <param name="vision">Its eyes; null for none.</param>
    /// <param name="options">Slots, threads, limits of pictures.</param>
    /// <param name="device">Where libtorch computes.</param>
    /// <param name="weights">Disposed with the runner.</param>
    /// <param name="fingerprint">What decides the numbers.</param>
    /// <param name="decoder">Makes the decoder over the pool; null decodes with libtorch.</param>
    /// <param name="cuda">The GPU that <paramref name="device"/> is; null on the CPU. Disposed with the runner.</param>
    public TorchModelRunner(
        RwkvModel model, VisionEncoder? vision, EngineOptions options, TorchSharp.torch.Device device, IDisposable weights, byte[] fingerprint,
        Func<StatesInPlace, IPoolDecoder>? decoder = null, CudaContext? cuda = null)
    {
        (_model, _vision, _options, _device, _weights, _fingerprint, _cuda) = (model, vision, options, device, weights, fingerprint, cuda);
        _pictures = options.ImageDecoder ?? new SkiaImageDecoder();
        _contents = new PictureContents(_pictures, options.MaximumImageBytes, options.MaximumImagePixels);
        var config = model.Config;
        Layout = new StateLayout(config.LayerCount, config.StateRows, config.Width);
        _buffers = new StateBuffers(Layout.Length);
        var slots = options.MaxRunning + (cuda is null ? 0 : 1);
        using (var temporaries = NewDisposeScope())
        {
            _pool = model.InitialState.to(device).unsqueeze(1).repeat(1, slots, 1, 1).DetachFromDisposeScope();   // [L,slots,R,C]
        }

        if (options.Threads is { } threads)
        {
            set_num_threads(threads);
        }

        var states = new StatesInPlace(LibTorchLoader.AddressOf(_pool), slots);
        _states = cuda is null ? new HostStates(states, Layout) : new DeviceStates(cuda, states, Layout);
        if (cuda is not null)
        {
            _handover = new PoolHandover(device.type == TorchSharp.DeviceType.CUDA ? static () => TorchSharp.torch.cuda.synchronize() : static () => { }, cuda.Stream.Synchronize);
        }

        _decoder = decoder?.Invoke(states);
        _recurrences = (_decoder as CudaDecoder)?.Recurrences;
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

    /// <inheritdoc/>
    public ITokenChooser? Chooser => _decoder is ITokenChooser ? this : null;

    /// <summary>Bytes of the decoder's own weights; 0 where libtorch decodes.</summary>
    public long PackedBytes => _decoder?.WeightBytes ?? 0;

    /// <summary>Its eyes; null for none.</summary>
    public VisionEncoder? Vision => _vision;

    /// <summary>Share of the channel mixes' second matrices that decoding one sequence alone did not need.</summary>
    public double EmptyShare => (_decoder as CpuDecoder)?.EmptyShare ?? 0;

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

        var pixels = _contents.Take(image) ?? _pictures.Decode(image.Encoded, _options.MaximumImagePixels);
        _handover?.ToTorch();
        using var inference = inference_mode();
        using var temporaries = NewDisposeScope();
        return new TorchImageEmbeddings(vision.Encode(pixels).MoveToOuterDisposeScope(), vision.Span);
    }

    /// <inheritdoc/>
    public void Step(Batch batch, Span<float> logits)
    {
        if (_decoder is not null && batch.Phase == Phase.Decode)
        {
            _handover?.ToStream();
            _decoder.Decode(batch.Rows, logits);
            return;
        }

        using var inference = inference_mode();
        using var temporaries = NewDisposeScope();
        if (batch.Phase == Phase.Decode)
        {
            _handover?.ToTorch();
            var ids = tensor(batch.Rows.Select(static row => (long)row.Tokens.Span[0]).ToArray(), device: _device).unsqueeze(1);   // [B,1]
            var hidden = Advance(_model.Embed(ids), null, [.. batch.Rows.Select(static row => (long)row.Slot)]);
            long[] wanted = [.. batch.Rows.Index().Where(static row => row.Item.WantLogits).Select(static row => (long)row.Index)];
            if (wanted.Length > 0)
            {
                Write(_model.Logits(hidden.squeeze(1).index_select(0, tensor(wanted, device: _device))), logits);
            }

            return;
        }

        foreach (var row in batch.Rows)
        {
            if (_decoder is not null && _decoder.Takes(row))
            {
                _handover?.ToStream();
                _decoder.Prefill(row, logits);
            }
            else
            {
                _handover?.ToTorch();
                var hidden = Read(row);
                if (row.WantLogits)
                {
                    Write(_model.Logits(hidden.narrow(1, row.Positions - 1, 1)), logits[..VocabularySize]);
                }
            }

            logits = row.WantLogits ? logits[VocabularySize..] : logits;
        }
    }

    /// <inheritdoc/>
    void ITokenChooser.Forbid(ReadOnlySpan<int> tokens) => ((ITokenChooser)_decoder!).Forbid(tokens);

    /// <inheritdoc/>
    void ITokenChooser.Decode(IReadOnlyList<BatchRow> rows, Span<float> logits, Span<ChosenToken> chosen)
    {
        _handover?.ToStream();
        ((ITokenChooser)_decoder!).Decode(rows, logits, chosen);
    }

    /// <summary>Reads one row and gives the logits at every position. <paramref name="logits"/> receives [T,V].</summary>
    public void StepWithAllLogits(BatchRow row, Span<float> logits)
    {
        _handover?.ToTorch();
        using var inference = inference_mode();
        using var temporaries = NewDisposeScope();
        Write(_model.Logits(Read(row)), logits);
    }

    /// <inheritdoc/>
    public void Reset(int slot)
    {
        _handover?.ToTorch();
        using var inference = inference_mode();
        using var temporaries = NewDisposeScope();
        _pool.select(1, slot).copy_(_model.InitialState);
    }

    /// <inheritdoc/>
    public StateSnapshot Capture(int slot, long position)
    {
        _handover?.ToStream();
        var data = _buffers.Take();
        _states.Capture(slot, data);
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

        _handover?.ToStream();
        _states.Restore(slot, snapshot.Data.Span);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _decoder?.Dispose();
        _states.Dispose();
        _pool.Dispose();
        _weights.Dispose();
        _cuda?.Dispose();
    }

    private Tensor Read(BatchRow row) => row.Image is TorchImageEmbeddings image
        ? Advance(image.Rows.unsqueeze(0), image.Span, [row.Slot])
        : Advance(_model.Embed(tensor(MemoryMarshal.ToEnumerable(row.Tokens).Select(static id => (long)id).ToArray(), device: _device).unsqueeze(0)), null, [row.Slot]);

    // x [B,T,C] with row b in slot slots[b]; the new states are written back when every layer has succeeded.
    private Tensor Advance(Tensor x, ImageSpan? image, long[] slots)
    {
        var index = tensor(slots, device: _device);
        var states = _model.Unpack(_pool.index_select(1, index));                          // [L,B,R,C]
        var hidden = _model.Forward(x, states, _recurrences?.NewStep(), image);
        _pool.index_copy_(1, index, RwkvModel.Pack(states));
        return hidden;
    }

    private static void Write(Tensor source, Span<float> target)
    {
        var flat = source.to(ScalarType.Float32).cpu().contiguous();
        MemoryMarshal.Cast<byte, float>(flat.bytes).CopyTo(target);
    }
}
