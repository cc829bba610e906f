using RwkvSk.Engine.Models;
using RwkvSk.TestKit;
using Xunit;
using static TorchSharp.torch;

namespace RwkvSk.Engine.Tests.Models;

public class InitialStateTests
{
    public InitialStateTests() => Assert.SkipWhen(LibTorch.Missing is not null, LibTorch.Missing ?? "");

    [Theory]
    [InlineData("rwkv5", true), InlineData("rwkv6", true), InlineData("rwkv7", false)]
    public void A_tuned_state_is_value_by_key_in_the_file_whatever_the_version_keeps(string version, bool isTurned)
    {
        using var scope = NewDisposeScope();
        using var model = new LoadedModel(Golden.File(version, "small_fp32.safetensors"));
        var (h, n) = (model.Config.HeadCount, model.Config.HeadSize);
        var tuned = arange(h * n * n, dtype: ScalarType.Float32).view(h, n, n);
        var weights = new WeightScope(new EditedSource(new Dictionary<string, Tensor?> { ["blocks.1.att.time_state"] = tuned }, model.Source));
        var states = new RwkvModel(weights, model.Config).EmptyStates(2, CPU);

        for (var row = 0; row < 2; row++)
        {
            Assert.Equal(0, states[0].Rows().abs().sum().item<float>());
            Assert.Equal(tuned[1, 2, 3].item<float>(), (isTurned ? states[1].Wkv[row, 1, 3, 2] : states[1].Wkv[row, 1, 2, 3]).item<float>());
            Assert.Equal(0, states[1].TimeShift.abs().sum().item<float>());
        }
    }

    [Fact]
    public void Rwkv4_begins_below_every_exponent()
    {
        using var scope = NewDisposeScope();
        using var model = new LoadedModel(Golden.File("rwkv4", "small_fp32.safetensors"));
        var state = model.Model.InitialState;   // [L,5,C]
        Assert.All(state.select(1, 3).contiguous().data<float>().ToArray(), static exponent => Assert.Equal(-1e30f, exponent));
        Assert.Equal(0, state.narrow(1, 0, 3).abs().sum().item<float>());
    }
}
