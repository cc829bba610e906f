using RwkvSk.Engine.Weights;
using RwkvSk.TestKit;
using Xunit;

namespace RwkvSk.Engine.Tests.Weights;

public sealed unsafe class CheckpointNamesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("rwkv4", "small_fp32")]
    [InlineData("rwkv5", "small_fp32")]
    [InlineData("rwkv6", "main_bf16")]
    public void Transformers_names_become_the_published_ones(string folder, string name)
    {
        var model = Model(folder, name);
        AssertSame(model, Write(ForeignCheckpoints.Transformers(model)));
    }

    [Fact]
    public void Transformers_RWKV6_with_mix_names_is_the_same_model()
    {
        var model = Model("rwkv6", "main_bf16");
        AssertSame(model, Write(ForeignCheckpoints.Transformers(model, mix6: true)));
    }

    [Fact]
    public void Flash_linear_attention_RWKV7_becomes_the_published_layout()
    {
        var model = Model("rwkv7", "main_bf16");
        AssertSame(model, Write(ForeignCheckpoints.Fla7(model)));
    }

    [Fact]
    public void Flash_linear_attention_RWKV6_becomes_the_published_layout()
    {
        var model = Model("rwkv6", "main_bf16");
        AssertSame(model, Write(ForeignCheckpoints.Fla6(model)));
    }

    [Theory]
    [InlineData("rwkv4", "small_fp32")]
    [InlineData("rwkv5", "small_fp32")]
    [InlineData("rwkv6", "main_bf16")]
    [InlineData("rwkv7", "main_bf16")]
    public void Web_rwkv_files_become_the_published_layout(string folder, string name)
    {
        var model = Model(folder, name);
        AssertSame(model, Write(ForeignCheckpoints.WebRwkv(model)));
    }

    [Fact]
    public void GGUF_RWKV7_becomes_the_published_layout()
    {
        var model = Model("rwkv7", "main_bf16");
        AssertSame(model, _folder.Write("model.gguf", GgufCheckpoints.Rwkv7(model, headSize: 32).Build()));
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(2, true)]
    [InlineData(1, false)]
    public void GGUF_RWKV6_becomes_the_published_layout_with_its_halvings_undone(uint rescaleEvery, bool fused)
    {
        var model = Model("rwkv6", "main_bf16");
        AssertSame(model, _folder.Write("model.gguf", GgufCheckpoints.Rwkv6(model, headSize: 32, rescaleEvery, fused).Build()));
    }

    [Theory]
    [InlineData("rwkv6", "main_bf16")]
    [InlineData("rwkv7", "main_bf16")]
    public void A_published_checkpoint_is_left_alone(string folder, string name)
    {
        using var file = WeightFiles.Open(Golden.File(folder, name + ".safetensors"));
        Assert.IsType<SafetensorsFile>(file);
    }

    [Theory]
    [InlineData("rwkv6", "main_bf16")]
    [InlineData("rwkv7", "main_bf16")]
    [InlineData("rwkv5", "small_fp32")]
    [InlineData("rwkv4", "small_fp32")]
    public void A_pth_file_holds_the_same_as_its_safetensors_twin(string folder, string name)
    {
        Assert.SkipUnless(Golden.TryFile(out var pth, folder, name + ".pth"), Golden.SkipReason(folder, name + ".pth"));
        AssertSame(Model(folder, name), pth);
    }

    [Fact]
    public void Names_that_no_table_has_are_kept_for_others_to_judge()
    {
        var model = Model("rwkv7", "main_bf16");
        using var file = WeightFiles.Open(Write([.. ForeignCheckpoints.Fla7(model), new PlainTensor("model.layers.0.attn.novelty", WeightType.UInt8, [1], [1])]));
        Assert.Contains("model.layers.0.attn.novelty", file.Tensors.Keys);
    }

    [Fact]
    public void Tensors_that_need_no_change_stay_in_the_mapping()
    {
        var model = Model("rwkv7", "main_bf16");
        using var file = Assert.IsType<CanonicalWeightFile>(WeightFiles.Open(Write(ForeignCheckpoints.Fla7(model))));
        file.Data("emb.weight", out var canonical);
        file.Original.Data("model.embeddings.weight", out var original);
        Assert.True(canonical == original);
    }

    [Fact]
    public void A_tensor_of_another_shape_is_refused()
    {
        var model = Model("rwkv6", "main_bf16");
        var foreign = ForeignCheckpoints.Fla6(model).Select(static tensor => tensor.Name.EndsWith("x_bias", StringComparison.Ordinal) ? tensor.Cut(5)[0] : tensor);
        Assert.Contains("does not hold 5 vectors", Assert.Throws<ModelFormatException>(() => WeightFiles.Open(Write(foreign))).Message, StringComparison.Ordinal);
    }

    private static List<PlainTensor> Model(string folder, string name)
    {
        using var file = SafetensorsFile.Open(Golden.File(folder, name + ".safetensors"));
        return PlainTensor.All(file);
    }

    private string Write(IEnumerable<PlainTensor> tensors)
    {
        SafetensorsWriter.Write(_folder["foreign.safetensors"], tensors.Select(static tensor => tensor.ToSafetensors()));
        return _folder["foreign.safetensors"];
    }

    private static void AssertSame(List<PlainTensor> model, string path)
    {
        using var file = WeightFiles.Open(path);
        Assert.Equal(model.Select(static tensor => tensor.Name).Order(StringComparer.Ordinal), file.Tensors.Keys.Order(StringComparer.Ordinal));
        foreach (var tensor in model)
        {
            Assert.Equal(tensor.Type, file.Tensors[tensor.Name].Type);
            Assert.Equal(tensor.Shape, file.Tensors[tensor.Name].Shape);
            Assert.True(tensor.Data.AsSpan().SequenceEqual(file.Data(tensor.Name)), $"{tensor.Name}: other numbers");
        }
    }
}
