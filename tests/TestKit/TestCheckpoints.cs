using RwkvSk.Engine.Weights;

namespace RwkvSk.TestKit;

/// <summary>Files in other projects' layouts, made from published checkpoints.</summary>
internal static class TestCheckpoints
{
    /// <summary>Writes a model in a layout: transformers, fla, web-rwkv, or gguf with a small vocabulary inside (bytes, and two line feeds as token 257).</summary>
    /// <param name="folder">Where to.</param>
    /// <param name="model">The tensors under their published names.</param>
    /// <param name="version">"rwkv4" to "rwkv7".</param>
    /// <param name="layout">The layout.</param>
    /// <returns>The file's path.</returns>
    public static string Write(TemporaryFolder folder, List<PlainTensor> model, string version, string layout)
    {
        // llama.cpp's converter brings layer 0 its own fillers in place of what is never read.
        if (layout == "gguf")
        {
            model = [.. model.Where(static tensor => !tensor.Name.StartsWith("blocks.0.att.v0", StringComparison.Ordinal) && tensor.Name is not ("blocks.0.att.v1" or "blocks.0.att.v2"))];
            var headSize = (uint)(model.First(static tensor => tensor.Name == "emb.weight").Shape[1] / 2);
            return folder.Write("model.gguf", WithVocabulary(version == "rwkv6" ? GgufCheckpoints.Rwkv6(model, headSize, rescaleEvery: 0, fused: true) : GgufCheckpoints.Rwkv7(model, headSize)).Build());
        }

        var tensors = layout switch
        {
            "transformers" => ForeignCheckpoints.Transformers(model),
            "fla" => version == "rwkv6" ? ForeignCheckpoints.Fla6(model) : ForeignCheckpoints.Fla7(model),
            "web-rwkv" => ForeignCheckpoints.WebRwkv(model),
            _ => throw new ArgumentException($"no layout '{layout}'", nameof(layout)),
        };
        var path = folder[layout + ".safetensors"];
        SafetensorsWriter.Write(path, tensors.Select(static tensor => tensor.ToSafetensors()));
        return path;
    }

    private static GgufBuilder WithVocabulary(GgufBuilder file)
    {
        string[] tokens = ["<s>", .. Enumerable.Range(0, 256).Select(static value => $"\\x{value:x2}"), "\\n\\n"];
        return file.Add("tokenizer.ggml.model", "rwkv").Add("tokenizer.ggml.tokens", tokens).Add("tokenizer.ggml.token_type", (int[])[3, .. Enumerable.Repeat(1, 257)]);
    }
}
