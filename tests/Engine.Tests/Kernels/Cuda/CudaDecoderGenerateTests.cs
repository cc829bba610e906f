using RwkvSk.Engine.Kernels.Cpu;
using RwkvSk.Engine.Kernels.Cuda.Parameters;
using RwkvSk.Engine.Sampling;
using RwkvSk.Engine.Scheduling;
using RwkvSk.Engine.Tests.Kernels.Cpu;
using RwkvSk.TestKit;
using RwkvSk.TestKit.Cuda;
using Xunit;

namespace RwkvSk.Engine.Tests.Kernels.Cuda;

/// <summary>Several steps without the host in between.</summary>
public class CudaDecoderGenerateTests
{
    public CudaDecoderGenerateTests() => Assert.SkipUnless(KernelShim.SkipReason.Length == 0, KernelShim.SkipReason);

    [Theory, InlineData("rwkv6"), InlineData("rwkv7")]
    public void Greedy_steps_equal_the_reference(string version)
    {
        using var model = new CudaDecoderOverStates(Golden.File(version, "main_bf16.pth"));
        var golden = GoldenTensors.Read(Golden.File(version, "main_bf16.expected.safetensors"));
        var (tokens, expected) = (golden.Ints("tokens40"), golden.Ints("greedy_tokens"));
        model.Read(0, tokens.AsSpan(0, 39), 16);
        var found = new int[expected.Length];
        Choice[] greedy = [new Choice { TopP = 1 }];
        model.Decoder.Generate([Row(0, tokens[39])], greedy, found.Length, found);
        Assert.Equal(expected, found);
    }

    [Fact]
    public void Rows_that_draw_equal_the_host_that_samples_between_steps_and_can_go_on()
    {
        const int Rows = 3;
        using var model = new CudaDecoderOverStates(Golden.File("rwkv7", "small_fp32.safetensors"), slots: 2 * Rows);
        SamplingOptions[] ways = [SamplingOptions.Greedy, new() { Seed = 5, TopP = 0.8f }, new() { Seed = 6, TopP = 1, Temperature = 1.5f, TopK = 20 }];
        var (size, expected) = (model.Config.VocabularySize, new List<int>());
        var samplers = ways.Select(way => new Sampler(way, new SamplingVocabulary(ByteTokenizer.Instance, size, [.. Enumerable.Range(1, size - 1)]))).ToArray();
        int[] tokens = [1, 2, 3];
        for (var step = 0; step < 12; step++)
        {
            var logits = model.Decode([.. tokens.Select(static (token, i) => (i, token))]);
            tokens = [.. samplers.Select((sampler, i) => sampler.Sample(logits.AsSpan(i * size, size)))];
            expected.AddRange(tokens);
        }

        model.Decoder.Forbid([0]);
        var choices = ways.Select(static way => new Choice { Temperature = way.Temperature, TopP = way.TopP, TopK = way.TopK, Seed = (ulong)(way.Seed ?? 0) }).ToArray();
        var found = new int[12 * Rows];
        var graphs = model.Driver.GraphLaunches;
        model.Decoder.Generate([Row(3, 1), Row(4, 2), Row(5, 3)], choices, 7, found);
        Assert.Equal(7, model.Driver.GraphLaunches - graphs);
        model.Decoder.Generate([.. Enumerable.Range(0, Rows).Select(i => Row(3 + i, found[(6 * Rows) + i]))], choices, 5, found.AsSpan(7 * Rows));
        Assert.Equal(expected, found);
    }

    [Fact]
    public void Gosling_goes_on_as_it_does_on_the_CPU()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "samples", "models", "gosling", "model.safetensors")))
        {
            folder = folder.Parent;
        }

        Assert.SkipWhen(folder is null, "there is no samples/models/gosling/model.safetensors above the tests");
        var path = Path.Combine(folder!.FullName, "samples", "models", "gosling", "model.safetensors");
        int[] prompt = [.. Enumerable.Range(0, 16).Select(static i => 40 + (i * 29 % 500))];
        using var cpu = new DecoderOverStates(path, SimdLevels.Best, prefix: "rwkv.");
        using var gpu = new CudaDecoderOverStates(path, prefix: "rwkv.");
        var expected = new List<int>();
        var logits = cpu.Read(0, prompt, 16);
        for (var i = 0; i < 20; i++)
        {
            expected.Add(Array.IndexOf(logits, logits.Max()));
            logits = cpu.Decode((0, expected[^1]));
        }

        gpu.Read(0, prompt.AsSpan(0, 15), 15);
        var found = new int[20];
        Choice[] greedy = [new Choice { TopP = 1 }];
        gpu.Decoder.Generate([Row(0, prompt[15])], greedy, 20, found);
        Assert.Equal(expected, found);
    }

    [Fact]
    public void A_model_that_gives_no_number_is_an_error()
    {
        using var model = new CudaDecoderOverStates(Golden.File("rwkv7", "small_fp32.safetensors"));
        var rows = model.Rows(0, 0);
        Array.Fill(rows, float.NaN);
        model.Write(0, 0, rows);
        Choice[] greedy = [new Choice { TopP = 1 }];
        var failure = Assert.Throws<InvalidOperationException>(() => model.Decoder.Generate([Row(0, 1)], greedy, 3, new int[3]));
        Assert.Contains("slot 0, step 0", failure.Message, StringComparison.Ordinal);
    }

    private static BatchRow Row(int slot, int token) => new(slot, new[] { token }, null, true);
}
