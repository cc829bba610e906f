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
    /// <summary>H; attention width over head size.</summary>
    public int HeadCount => HeadSize == 0 ? 0 : Width / HeadSize;

    /// <summary>Rows of state per layer: two token shifts and the WKV state.</summary>
    public int StateRows => Version == RwkvVersion.V4 ? 5 : HeadSize + 2;

    /// <summary>Reads the configuration.</summary>
    /// <param name="rwkv">The scope with <c>emb.weight</c>.</param>
    /// <exception cref="ModelFormatException">No known version.</exception>
    public static RwkvConfig Read(WeightScope rwkv)
    {
        var embedding = rwkv.ShapeOf("emb.weight");
        if (embedding.Count != 2)
        {
            throw new ModelFormatException($"'emb.weight' is [{string.Join(',', embedding)}], expected [vocabulary,width].");
        }

        var block = rwkv["blocks"][0];
        var att = block["att"];
        if (!att.Has("r_k"))
        {
            throw new ModelFormatException("Not an RWKV checkpoint of a supported version: blocks.0.att has no 'r_k' (RWKV-7).");
        }

        if (block["ffn"].Has("s_emb.weight") || att.Has("qkv.weight"))
        {
            throw new ModelFormatException("This is an RWKV-7a or 7b checkpoint (DeepEmbed); those versions are not supported.");
        }

        var heads = att.ShapeOf("r_k");
        return new RwkvConfig(RwkvVersion.V7, rwkv["blocks"].ChildCount, (int)embedding[1], (int)heads[^1], (int)block["ffn"].ShapeOf("key.weight")[0], (int)embedding[0]);
    }
}
