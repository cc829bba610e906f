namespace RwkvSk.Engine.Models;

/// <summary>The generations of RWKV, by their mixers.</summary>
internal enum RwkvVersion
{
    V4,
    V5,
    V6,
    V7,
}

/// <summary>The sizes of a language model, read off the names and shapes of its checkpoint.</summary>
internal sealed record RwkvConfig(RwkvVersion Version, int LayerCount, int Width, int HeadSize, int FfnWidth, int VocabularySize)
{
    /// <summary>H; 0 for RWKV-4, which has no heads.</summary>
    public int HeadCount => HeadSize == 0 ? 0 : Width / HeadSize;

    /// <summary>Rows of state per layer: two token shifts and the recurrence's state between them.</summary>
    public int StateRows => Version == RwkvVersion.V4 ? 5 : HeadSize + 2;

    /// <summary>The shape of the recurrence's state in one layer of one sequence.</summary>
    public long[] WkvShape => Version == RwkvVersion.V4 ? [3, Width] : [HeadCount, HeadSize, HeadSize];

    /// <summary>Whether a row of the WKV state is a key channel (RWKV-5 and 6) and not a value channel (RWKV-7).</summary>
    public bool HasKeyRows => Version is RwkvVersion.V5 or RwkvVersion.V6;

    /// <summary>How images are scanned. No tensor says it: the checkpoint's family does.</summary>
    public ImageScan Scan { get; init; } = ImageScan.Unidirectional;

    /// <summary>Whether VisualRWKV on this version reads CLIP's class token before the patches (5) and not after them (6).</summary>
    public bool HasClassTokenFirst => Version == RwkvVersion.V5;

    /// <summary>Reads the configuration.</summary>
    /// <param name="rwkv">The scope with <c>emb.weight</c>.</param>
    /// <exception cref="ModelFormatException">No known version, or one that is not supported.</exception>
    public static RwkvConfig Read(WeightScope rwkv)
    {
        var embedding = rwkv.ShapeOf("emb.weight");
        if (embedding.Count != 2)
        {
            throw new ModelFormatException($"'emb.weight' is [{string.Join(',', embedding)}], expected [vocabulary,width].");
        }

        var block = rwkv["blocks"][0];
        var version = VersionOf(block);
        var width = (int)embedding[1];
        return new RwkvConfig(
            version, rwkv["blocks"].ChildCount, width, version == RwkvVersion.V4 ? 0 : HeadSizeOf(block["att"], width),
            (int)block["ffn"].ShapeOf("key.weight")[0], (int)embedding[0]);
    }

    private static RwkvVersion VersionOf(WeightScope block)
    {
        var att = block["att"];
        if (block["ffn"].HasAny("s_emb"))
        {
            throw new ModelFormatException("This is an RWKV-7a checkpoint (its channel mix has an embedding of its own, 'ffn.s_emb'); RWKV-4, 5.1, 5.2, 6 and 7 are supported.");
        }

        if (att.HasAny("qkv.") || block.HasAny("qkv."))
        {
            throw new ModelFormatException("This is an RWKV-7b checkpoint (it has attention weights, 'qkv'); RWKV-4, 5.1, 5.2, 6 and 7 are supported.");
        }

        if (att.Has("ln_x.weight") && !att.Has("r_k") && !att.Has("gate.weight"))
        {
            throw new ModelFormatException("This is an RWKV-5.0 checkpoint (its time mix has no gate); RWKV-4, 5.1, 5.2, 6 and 7 are supported.");
        }

        return
            att.Has("r_k") ? RwkvVersion.V7 :
            att.Has("time_maa_x") ? RwkvVersion.V6 :
            att.Has("ln_x.weight") ? RwkvVersion.V5 :
            att.Has("time_first") ? RwkvVersion.V4 :
            throw new ModelFormatException("Not an RWKV checkpoint of a known version: 'blocks.0.att' has none of 'r_k' (RWKV-7), 'time_maa_x' (6), 'ln_x.weight' (5), 'time_first' (4).");
    }

    // Each version has one tensor whose first axis is the heads.
    private static int HeadSizeOf(WeightScope att, int width)
    {
        var name = att.Has("r_k") ? "r_k" : att.Has("time_faaaa") ? "time_faaaa" : "time_decay";
        var heads = att.ShapeOf(name)[0];
        return heads > 0 && width % heads == 0
            ? (int)(width / heads)
            : throw new ModelFormatException($"'blocks.0.att.{name}' has {heads} heads, which do not divide the width {width}.");
    }
}
