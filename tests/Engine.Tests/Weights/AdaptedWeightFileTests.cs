using RwkvSk.Engine.States;
using RwkvSk.Engine.Weights;
using RwkvSk.TestKit;
using Xunit;

namespace RwkvSk.Engine.Tests.Weights;

public sealed class AdaptedWeightFileTests : IDisposable
{
    private const string Module = "blocks.0.att.key", Matrix = Module + ".weight";

    // 3 outputs, 5 inputs, rank 2: sizes that no two roles share, and not a whole number of vectors.
    private readonly TemporaryFolder _folder = new();
    private readonly float[] _w = Numbers(15, 1), _a = Numbers(10, 2), _b = Numbers(6, 3), _a0 = Numbers(10, 4), _b0 = Numbers(6, 5);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(null, 1f)]
    [InlineData(8.0, 4f)]
    public void A_low_rank_pair_is_added(double? alpha, float factor)
    {
        using var merged = Merge(new AdapterOptions { Alpha = alpha }, Pair());
        Tolerance.AssertClose(Expected((o, i) => factor * Product(_b, _a, o, i)), merged.Floats(Matrix), "W + α/r B A", Tolerance.Kernel);
        Assert.Equal(1, merged.ChangedCount);
    }

    [Fact]
    public void PiSSA_subtracts_what_training_began_from()
    {
        Write("init.safetensors", ("blocks.0.att.key.init_lora_A", [2, 5], _a0), ("blocks.0.att.key.init_lora_B", [3, 2], _b0));
        using var merged = Merge(new AdapterOptions { Alpha = 99, InitialPath = _folder["init.safetensors"] }, Pair());
        Tolerance.AssertClose(Expected((o, i) => Product(_b, _a, o, i) - Product(_b0, _a0, o, i)), merged.Floats(Matrix), "W − B0 A0 + B A", Tolerance.Kernel);
    }

    [Fact]
    public void A_bone_is_added_to_every_run_of_inputs()
    {
        using var merged = Merge(new AdapterOptions(), (Module + ".bone", [2, 3], _b));
        Tolerance.AssertClose(Expected((o, i) => _b[(i % 2 * 3) + o]), merged.Floats(Matrix), "bone", Tolerance.Kernel);
    }

    [Fact]
    public void Whole_tensors_replace_and_keep_the_models_shape()
    {
        using var merged = Merge(new AdapterOptions(), ("blocks.0.ln1.weight", [1, 1, 4], [5, 6, 7, 8]));
        Assert.Equal([4], merged.Tensors["blocks.0.ln1.weight"].Shape);
        Assert.Equal([5f, 6, 7, 8], merged.Floats("blocks.0.ln1.weight"));
        Assert.Equal(_w, merged.Floats(Matrix));
    }

    [Fact]
    public void The_merged_matrix_keeps_the_models_type_rounded_to_nearest()
    {
        SafetensorsWriter.Write(_folder["half.safetensors"], [SafetensorsTensor.From(Matrix, WeightType.BFloat16, [1, 2], new byte[] { 0x80, 0x3f, 0x80, 0x3f })]);
        Write("adapter.safetensors", (Module + ".lora_A", [1, 2], [0.004f, 0.003f]), (Module + ".lora_B", [1, 1], [1]));
        using var merged = AdaptedWeightFile.Open(WeightFiles.Open(_folder["half.safetensors"]), new AdapterOptions { Path = _folder["adapter.safetensors"] });
        Assert.Equal(WeightType.BFloat16, merged.Tensors[Matrix].Type);
        Assert.Equal([1.0078125f, 1f], merged.Floats(Matrix));   // steps of 2^-7 above 1; half a step is 0.0039
    }

    [Fact]
    public void A_tuned_state_in_an_adapter_takes_the_models_prefix()
    {
        Write("visual.safetensors", ("rwkv.emb.weight", [3, 5], _w), ("rwkv.blocks.0.ln1.weight", [4], [1, 1, 1, 1]));
        Write("adapter.safetensors", ("blocks.0.att.time_state", [1, 2, 3], _b), ("blocks.0.ln1.weight", [4], [5, 6, 7, 8]));
        using var merged = AdaptedWeightFile.Open(WeightFiles.Open(_folder["visual.safetensors"]), new AdapterOptions { Path = _folder["adapter.safetensors"] });
        Assert.Equal(_b, merged.Floats("rwkv.blocks.0.att.time_state"));
        Assert.Equal([5f, 6, 7, 8], merged.Floats("rwkv.blocks.0.ln1.weight"));
    }

    [Theory]
    [InlineData("blocks.9.att.key.lora_A", "a matrix 'blocks.9.att.key.weight'")]
    [InlineData("blocks.0.ln1.lora_A", "to be a float matrix")]
    [InlineData("blocks.0.att.key.lora_A", "has no tensor 'blocks.0.att.key.lora_B'")]
    [InlineData("blocks.0.att.key.lora_B", "its partner")]
    [InlineData("blocks.0.att.nothing", "a tensor of that name")]
    [InlineData("blocks.0.ln1.weight", "the size of")]
    [InlineData("blocks.0.att.key.bone", "[r,3]")]
    public void An_adapter_of_another_model_is_refused(string name, string finding)
    {
        var refusal = Assert.Throws<ModelFormatException>(() => Merge(new AdapterOptions(), (name, [2, 5], _a))).Message;
        Assert.Contains("adapter.safetensors", refusal, StringComparison.Ordinal);
        Assert.Contains(finding, refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pair_of_another_size_is_refused() =>
        Assert.Contains("[3,r]", Assert.Throws<ModelFormatException>(() => Merge(new AdapterOptions(), (Module + ".lora_A", [2, 5], _a), (Module + ".lora_B", [2, 3], _b))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_tuned_state_stands_in_the_WKV_rows_in_the_models_orientation(bool keyMajor)
    {
        // One layer more than one, two heads of 3: [H,V,K] in the file.
        var layout = new StateLayout(LayerCount: 2, RowCount: 5, Width: 6);
        var (first, second) = (Numbers(18, 6), Numbers(18, 7));
        Write("state.safetensors", ("blocks.0.att.time_state", [2, 3, 3], first), ("blocks.1.att.time_state", [2, 3, 3], second));
        using var file = WeightFiles.Open(_folder["state.safetensors"]);
        var state = TunedState.Read(file, layout, keyMajor)!;
        Assert.Equal(0, state.Position);
        foreach (var (layer, tuned) in new[] { first, second }.Index())
        {
            var rows = state.Data.Span.Slice(layer * 30, 30);
            Assert.Equal(new float[6], rows[..6].ToArray());
            Assert.Equal(new float[6], rows[24..].ToArray());
            for (var i = 0; i < 18; i++)
            {
                var (head, row, column) = (i / 9, i / 3 % 3, i % 3);
                Assert.Equal(tuned[i], rows[6 + (keyMajor ? (head * 9) + (column * 3) + row : i)]);
            }
        }
    }

    [Fact]
    public void A_state_tuned_for_another_model_is_refused()
    {
        Write("state.safetensors", ("blocks.0.att.time_state", [2, 3, 3], Numbers(18, 6)));
        using var file = WeightFiles.Open(_folder["state.safetensors"]);
        Assert.Throws<ModelFormatException>(() => TunedState.Read(file, new StateLayout(1, 6, 8), keyMajor: false));
        Assert.Throws<ModelFormatException>(() => TunedState.Read(file, new StateLayout(2, 5, 6), keyMajor: false));
        Assert.NotNull(TunedState.Read(file, new StateLayout(1, 5, 6), keyMajor: false));
    }

    [Fact]
    public void A_checkpoint_without_a_tuned_state_has_none()
    {
        Write("model.safetensors", (Matrix, [3, 5], _w));
        using var file = WeightFiles.Open(_folder["model.safetensors"]);
        Assert.Null(TunedState.Read(file, new StateLayout(1, 5, 6), keyMajor: false));
    }

    private (string, long[], float[])[] Pair() => [(Module + ".lora_A", [2, 5], _a), (Module + ".lora_B", [3, 2], _b)];

    private AdaptedWeightFile Merge(AdapterOptions options, params (string, long[], float[])[] adapter)
    {
        Write("model.safetensors", (Matrix, [3, 5], _w), ("blocks.0.ln1.weight", [4], [1, 1, 1, 1]));
        Write("adapter.safetensors", adapter);
        return AdaptedWeightFile.Open(WeightFiles.Open(_folder["model.safetensors"]), options with { Path = _folder["adapter.safetensors"] });
    }

    private void Write(string file, params (string Name, long[] Shape, float[] Values)[] tensors) =>
        SafetensorsWriter.Write(_folder[file], tensors.Select(static tensor => SafetensorsTensor.From(tensor.Name, tensor.Shape, tensor.Values)));

    private float[] Expected(Func<int, int, float> delta) => [.. Enumerable.Range(0, 15).Select(at => _w[at] + delta(at / 5, at % 5))];

    private static float Product(float[] up, float[] down, int output, int input) => (up[output * 2] * down[input]) + (up[(output * 2) + 1] * down[5 + input]);

    private static float[] Numbers(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() - 0.5f)];
    }
}
