using System.Globalization;
using RwkvSk.Engine.Kernels.Cuda;
using RwkvSk.Engine.Weights;
using static TorchSharp.torch;

namespace RwkvSk.Engine.Models;

/// <summary>What a kind of memory is called in plans and metrics.</summary>
internal static class MemoryKinds
{
    public const string MappedWeights = "weights.mapped", CopiedWeights = "weights.copied", PackedWeights = "weights.packed", Slots = "slots",
        PrefixCache = "prefix_cache", ImageCache = "image_cache", Scratch = "scratch";
}

/// <summary>One line of a plan.</summary>
/// <param name="Kind">One of <see cref="MemoryKinds"/>.</param>
/// <param name="Bytes">How much.</param>
/// <param name="Meaning">What it is, for people.</param>
internal sealed record MemoryItem(string Kind, long Bytes, string Meaning)
{
    /// <summary>Whether it is the GPU's memory and not the host's.</summary>
    public bool IsOnGpu { get; init; }
}

/// <summary>What a model is going to take, on the host and on a GPU, known from the checkpoint's header and the options before anything large is read.</summary>
internal sealed record MemoryPlan(string Model, IReadOnlyList<MemoryItem> Items)
{
    // What libtorch takes for itself on a GPU before it computes: its kernels, its workspaces. An allowance, not a measurement.
    private const long TorchOnGpu = 512L << 20;

    // Vectors of width C that a span pass or a mixer of libtorch holds at once, for each position.
    private const int LiveVectors = 24;

    /// <summary>Bytes that must be the host's memory: all but the mapped weights, whose pages the system may drop and read again.</summary>
    public long Needed => Items.Where(static item => item.Kind != MemoryKinds.MappedWeights && !item.IsOnGpu).Sum(static item => item.Bytes);

    /// <summary>Bytes of the GPU's memory.</summary>
    public long NeededOnGpu => Items.Where(static item => item.IsOnGpu).Sum(static item => item.Bytes);

    /// <summary>Bytes of the GPU's memory that were free when this was planned; 0 on the CPU.</summary>
    public long FreeOnGpu { get; init; }

    /// <summary>Bytes of a kind.</summary>
    public long this[string kind] => Items.Where(item => item.Kind == kind).Sum(static item => item.Bytes);

    /// <summary>Bytes of weights that one decoded token reads: everything of the language model but the embeddings, of which it reads a row.</summary>
    public long DecodeBytes { get; init; }

    /// <summary>Weights that multiply every position that is read: matrices of the blocks.</summary>
    public long BlockWeights { get; init; }

    /// <summary>Weights that multiply the last position alone: the head.</summary>
    public long HeadWeights { get; init; }

    /// <summary>Plans for a checkpoint.</summary>
    /// <param name="name">The model's name.</param>
    /// <param name="weights">The checkpoint.</param>
    /// <param name="config">The language model's sizes.</param>
    /// <param name="prefix">What its tensors' names begin with.</param>
    /// <param name="precision">The format of the matrices.</param>
    /// <param name="options">Slots, caches, chunk length.</param>
    /// <param name="packedBytes">What the decoder packs; 0 for none.</param>
    /// <param name="isOnGpu">Whether it computes on a GPU.</param>
    public static MemoryPlan Of(string name, IWeightFile weights, RwkvConfig config, string prefix, ScalarType precision, EngineOptions options, long packedBytes, bool isOnGpu = false)
    {
        var matrixType = precision switch
        {
            ScalarType.BFloat16 => WeightType.BFloat16,
            ScalarType.Float16 => WeightType.Float16,
            _ => WeightType.Float32,
        };
        long mapped = 0, copied = 0, decode = 0, blocks = 0, head = 0;
        foreach (var info in weights.Tensors.Values)
        {
            var isLanguage = info.Name.StartsWith(prefix, StringComparison.Ordinal) && !info.Name.StartsWith("vit.", StringComparison.Ordinal) && !info.Name.StartsWith("proj.", StringComparison.Ordinal);
            var isTable = info.Name == prefix + "emb.weight";
            var isMatrix = isTable || info.Shape.Count(static size => size != 1) > 1;
            var wanted = isTable ? info.Type : isMatrix ? matrixType : WeightType.Float32;
            mapped += info.Count * info.Type.ItemSize();
            copied += info.Type == wanted && !isOnGpu ? 0 : info.Count * wanted.ItemSize();
            if (isLanguage && !isTable)
            {
                decode += info.Count * wanted.ItemSize();
                (blocks, head) = info.Name == prefix + "head.weight" ? (blocks, head + info.Count) : (blocks + (isMatrix ? info.Count : 0), head);
            }
        }

        long positions = options.ChunkLength;
        long slots = options.MaxRunning + (isOnGpu ? 1 : 0);
        var state = (long)config.LayerCount * config.StateRows * config.Width * sizeof(float);
        var many = isOnGpu && packedBytes > 0 ? CudaDecoderOptions.For(options).ManyBytes(config) : 0;
        var scratch = many + (positions * ((LiveVectors * (long)config.Width) + (2L * config.FfnWidth)) * sizeof(float)) + (slots * config.VocabularySize * sizeof(float)) + (2L * slots * state);
        return new MemoryPlan(name,
        [
            new(MemoryKinds.MappedWeights, mapped, "the checkpoint, mapped: file cache, not memory of the process"),
            new(MemoryKinds.CopiedWeights, copied, isOnGpu ? "weights on the GPU" : $"weights that are not stored as they are computed ({matrixType}, vectors fp32)") { IsOnGpu = isOnGpu },
            new(MemoryKinds.PackedWeights, packedBytes, "the matrices again, laid out for decoding") { IsOnGpu = isOnGpu },
            new(MemoryKinds.Slots, slots * state, $"{slots} states of {Size(state)}") { IsOnGpu = isOnGpu },
            new(MemoryKinds.PrefixCache, options.PrefixCacheBytes, "most for kept states"),
            new(MemoryKinds.ImageCache, options.ImageCacheBytes, "most for encoded pictures") { IsOnGpu = isOnGpu },
            new(MemoryKinds.Scratch, scratch + (isOnGpu ? TorchOnGpu : 0), $"activations of {positions} positions, logits, a step's states{(isOnGpu ? ", what libtorch takes for itself" : "")}") { IsOnGpu = isOnGpu },
        ])
        {
            DecodeBytes = packedBytes > 0 ? packedBytes : decode,
            BlockWeights = blocks,
            HeadWeights = head,
        };
    }

    /// <summary>Refuses what cannot fit into the host's memory.</summary>
    /// <param name="available">Bytes that are free.</param>
    /// <exception cref="InsufficientMemoryException">It needs more; the message says what takes most.</exception>
    public void EnsureFits(long available)
    {
        if (Needed > available)
        {
            throw new InsufficientMemoryException(Refusal(Needed, "memory", available, static item => item.Kind != MemoryKinds.MappedWeights && !item.IsOnGpu) + '.');
        }
    }

    /// <summary>Why it cannot fit into a GPU's memory, without a full stop; null when it can.</summary>
    /// <param name="free">Bytes that are free there.</param>
    public string? WhyNotOnGpu(long free) => NeededOnGpu <= free ? null : Refusal(NeededOnGpu, "GPU memory", free, static item => item.IsOnGpu);

    private string Refusal(long needed, string memory, long available, Func<MemoryItem, bool> counts)
    {
        var largest = Items.Where(counts).MaxBy(static item => item.Bytes)!;
        return $"'{Model}' needs {Size(needed)} of {memory} and {Size(available)} are free; most of it, {Size(largest.Bytes)}, is {largest.Meaning}: a narrower precision, fewer slots or smaller caches take less";
    }

    /// <summary>Bytes for people.</summary>
    public static string Size(long bytes) => bytes switch
    {
        >= 1L << 30 => string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << 30):F2} GiB"),
        >= 1L << 20 => string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << 20):F1} MiB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024.0:F1} KiB"),
    };
}
