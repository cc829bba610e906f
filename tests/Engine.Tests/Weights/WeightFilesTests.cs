using System.Text;
using RwkvSk.Engine.Weights;
using RwkvSk.TestKit;
using Xunit;

namespace RwkvSk.Engine.Tests.Weights;

public sealed class WeightFilesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("variants.pth", "variants/")]
    [InlineData("variants.safetensors", "variants_st/")]
    public void The_content_decides_the_format_not_the_name(string file, string prefix)
    {
        var path = _folder.Write("model.bin", File.ReadAllBytes(Golden.File("loader", file)));
        using var weights = WeightFiles.Open(path);
        LoaderExpectation.AssertSame(weights, prefix);
    }

    [Theory]
    [InlineData("a.pth", "<!DOCTYPE html><html>", "web page")]
    [InlineData("a.safetensors", "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n", "Git LFS pointer")]
    [InlineData("a.txt", "hello", "68656c6c6f")]
    [InlineData("a.pth", "", "is empty")]
    [InlineData("a.safetensors", "\u0010", "at least 8")]
    public void A_foreign_file_is_named_for_what_it_is(string name, string content, string finding)
    {
        var refusal = Assert.Throws<ModelFormatException>(() => WeightFiles.Open(_folder.Write(name, Encoding.Latin1.GetBytes(content)))).Message;
        Assert.Contains(name, refusal, StringComparison.Ordinal);
        Assert.Contains(finding, refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void Shards_appear_as_one_checkpoint()
    {
        Shard("model-00001-of-00002.safetensors", ("a", 1), ("b", 2));
        Shard("model-00002-of-00002.safetensors", ("c", 3));
        Index("""{"metadata":{"total_size":12},"weight_map":{"c":"model-00002-of-00002.safetensors","a":"model-00001-of-00002.safetensors","b":"model-00001-of-00002.safetensors"}}""");
        var model = ModelFolder.Open(_folder.Path);
        Assert.Equal(2, model.CheckpointFiles.Count);
        using var weights = model.OpenWeights();
        Assert.Equal(["a", "b", "c"], weights.Tensors.Keys.Order());
        Assert.Equal([1f, 2f, 3f], new[] { "a", "b", "c" }.Select(name => weights.Floats(name)[0]));
    }

    [Theory]
    [InlineData("""{"weight_map":{"a":"one.safetensors"}}""", "holds 'b'")]
    [InlineData("""{"weight_map":{"a":"one.safetensors","b":"one.safetensors","c":"one.safetensors"}}""", "'c'")]
    [InlineData("""{"weight_map":{"a":"one.safetensors","b":"two.safetensors"}}""", "'two.safetensors', which is not there")]
    [InlineData("""{"weight_map":{"a":"../one.safetensors"}}""", "plain file names")]
    [InlineData("""{"weight_map":{}}""", "names no tensor")]
    [InlineData("""{"weight_map":[]}""", "weight_map")]
    [InlineData("""{}""", "weight_map")]
    public void An_index_must_agree_with_its_shards(string json, string finding)
    {
        Shard("one.safetensors", ("a", 1), ("b", 2));
        Index(json);
        var refusal = Assert.Throws<ModelFormatException>(() => ModelFolder.Open(_folder["model.safetensors.index.json"]).OpenWeights().Dispose()).Message;
        Assert.Contains(finding, refusal, StringComparison.Ordinal);
        Assert.Contains("model.safetensors.index.json", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void A_tensor_in_two_parts_is_refused()
    {
        Shard("one.safetensors", ("a", 1));
        Shard("two.safetensors", ("a", 2));
        Assert.Contains("both hold 'a'", Assert.Throws<ModelFormatException>(() => WeightFiles.Open([_folder["one.safetensors"], _folder["two.safetensors"]])).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("VisualRWKV5-3B_rwkv.pth")]
    [InlineData("VisualRWKV5-3B_visual.pth")]
    public void A_language_and_vision_pair_is_one_checkpoint_with_the_usual_names(string path)
    {
        Shard("VisualRWKV5-3B_rwkv.pth", ("emb.weight", 1));
        Shard("VisualRWKV5-3B_visual.pth", ("vit.x", 2), ("proj.weight", 3));
        var model = ModelFolder.Open(_folder[path]);
        using var weights = model.OpenWeights();
        Assert.Equal(["proj.weight", "rwkv.emb.weight", "vit.x"], weights.Tensors.Keys.Order(StringComparer.Ordinal));
        Assert.Equal([1f], weights.Floats("rwkv.emb.weight"));
        Assert.Equal("visualrwkv-v5.0", model.ResolvePreset(weights).Name);
    }

    private void Shard(string file, params (string Name, float Value)[] tensors) =>
        SafetensorsWriter.Write(_folder[file], tensors.Select(static tensor => SafetensorsTensor.From(tensor.Name, [1], new[] { tensor.Value })));

    private void Index(string json) => File.WriteAllText(_folder["model.safetensors.index.json"], json);
}
