using RwkvSk.Engine.Models;
using RwkvSk.TestKit;
using Xunit;
using static TorchSharp.torch;

namespace RwkvSk.Engine.Tests.Models;

public class RwkvConfigTests
{
    public RwkvConfigTests() => Assert.SkipWhen(LibTorch.Missing is not null, LibTorch.Missing ?? "");

    [Theory]
    [InlineData("rwkv4", 4, 0, 5), InlineData("rwkv5", 5, 16, 18), InlineData("rwkv6", 6, 16, 18)]
    public void The_checkpoint_says_what_it_is(string version, int number, int headSize, int rows)
    {
        using var model = new LoadedModel(Golden.File(version, "small_fp32.safetensors"));
        Assert.Equal(number, (int)model.Config.Version + 4);
        Assert.Equal((3, 32, headSize, 48, 264, rows), (model.Config.LayerCount, model.Config.Width, model.Config.HeadSize, model.Config.FfnWidth, model.Config.VocabularySize, model.Config.StateRows));
    }

    [Theory]
    [InlineData("rwkv5", "att.gate.weight", null, "RWKV-5.0")]
    [InlineData("rwkv7", null, "ffn.s_emb.weight", "RWKV-7a")]
    [InlineData("rwkv7", null, "att.qkv.q.weight", "RWKV-7b")]
    [InlineData("rwkv4", "att.time_first", null, "Not an RWKV checkpoint")]
    public void Unsupported_versions_are_refused_by_name(string version, string? without, string? with, string expected)
    {
        using var scope = NewDisposeScope();
        using var model = new LoadedModel(Golden.File(version, "small_fp32.safetensors"));
        var edits = new Dictionary<string, Tensor?>();
        if (without is not null)
        {
            edits.Add("blocks.0." + without, null);
        }

        if (with is not null)
        {
            edits.Add("blocks.0." + with, zeros(1));
        }

        var refusal = Assert.Throws<ModelFormatException>(() => RwkvConfig.Read(new WeightScope(new EditedSource(edits, model.Source))));
        Assert.Contains(expected, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Rwkv_5_1_is_5_2_with_one_decay_and_one_bonus_per_head()
    {
        using var scope = NewDisposeScope();
        using var model = new LoadedModel(Golden.File("rwkv5", "small_fp32.safetensors"));
        var (h, n) = (model.Config.HeadCount, model.Config.HeadSize);
        Dictionary<string, Tensor?> perHead = [], perChannel = [];
        for (var i = 0; i < model.Config.LayerCount; i++)
        {
            var att = $"blocks.{i}.att.";
            var decay = tensor(Enumerable.Range(0, h).Select(head => (0.5f * head) - i).ToArray());
            var first = tensor(Enumerable.Range(0, h).Select(head => (0.3f * i) - head).ToArray());
            (perHead[att + "time_faaaa"], perHead[att + "time_first"], perHead[att + "time_decay"]) = (null, first, decay);
            perChannel[att + "time_faaaa"] = first.exp().unsqueeze(1).repeat(1, n);
            perChannel[att + "time_decay"] = decay.unsqueeze(1).repeat(1, n);
        }

        Tolerance.AssertClose(Logits(perChannel), Logits(perHead), "5.1 against 5.2", Tolerance.SameMath);

        float[] Logits(Dictionary<string, Tensor?> edits)
        {
            var weights = new WeightScope(new EditedSource(edits, model.Source));
            var edited = new RwkvModel(weights, RwkvConfig.Read(weights));
            var hidden = edited.Forward(model.Embed(Enumerable.Range(1, 30)), edited.EmptyStates(1, CPU));
            return edited.Logits(hidden).data<float>().ToArray();
        }
    }
}
