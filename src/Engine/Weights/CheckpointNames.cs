namespace RwkvSk.Engine.Weights;

/// <summary>Recognises the layout of a checkpoint and gives it the names, shapes and orientations of the published .pth files.</summary>
internal static class CheckpointNames
{
    /// <summary>The checkpoint under canonical names: itself when it has them already, or when its layout is not one that this engine knows. The result owns the file.</summary>
    public static IWeightFile Canonical(IWeightFile file)
    {
        var tensors = file.Tensors;
        if (file is GgufFile gguf)
        {
            return FromGguf(gguf);
        }

        if (tensors.TryGetValue("rwkv.embeddings.weight", out var embeddings))
        {
            return TransformersNames.For(tensors).Apply(file, new LayoutSizes(embeddings.Shape[^1]));
        }

        if (tensors.TryGetValue("model.embeddings.weight", out embeddings))
        {
            var layout = tensors.ContainsKey("model.layers.0.attn.r_k") ? FlaNames.Rwkv7 : tensors.ContainsKey("model.layers.0.attn.bonus") ? FlaNames.Rwkv6 : null;
            return layout?.Apply(file, new LayoutSizes(embeddings.Shape.Count == 2 ? embeddings.Shape[1] : 0)) ?? file;
        }

        return WebRwkvNames.For(tensors)?.Apply(file, new LayoutSizes(0)) ?? file;
    }

    private static IWeightFile FromGguf(GgufFile file)
    {
        try
        {
            var layout = GgufNames.For(file.Architecture)
                ?? throw new ModelFormatException($"'{file.Path}' is a GGUF file of the architecture '{file.Architecture}'; expected rwkv6 or rwkv7.");
            var embeddings = file.Find("token_embd.weight");
            var headSize = file.Number("wkv.head_size") ?? 0;
            if (embeddings.Shape.Count != 2 || headSize <= 0 || embeddings.Shape[1] % headSize != 0)
            {
                throw new ModelFormatException($"'{file.Path}': '{file.Architecture}.wkv.head_size' is {headSize}, which does not divide 'token_embd.weight' {WeightTypes.Describe(embeddings.Shape)} into heads.");
            }

            return layout.Apply(file, new LayoutSizes(embeddings.Shape[1], headSize, Math.Max(0, file.Number("rescale_every_n_layers") ?? 0)));
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }
}
