using RwkvSk.TestKit;
using RwkvSk.TestKit.Cuda;
using Xunit;

namespace RwkvSk.Engine.Tests.Models;

/// <summary>The runner as it is on a GPU, with the driver and the kernels on the host: libtorch reads prompts, the kernels decode, states pass between them and out and in.</summary>
public sealed class CudaRunnerTests
{
    public CudaRunnerTests()
    {
        Assert.SkipWhen(LibTorch.Missing is not null, LibTorch.Missing ?? "");
        Assert.SkipUnless(KernelShim.SkipReason.Length == 0, KernelShim.SkipReason);
    }

    [Theory]
    [InlineData("rwkv6"), InlineData("rwkv7")]
    public void A_prompt_read_by_libtorch_is_gone_on_from_by_the_kernels(string version)
    {
        using var gpu = new HostGpu(version);
        var golden = GoldenTensors.Read(Golden.File(version, "small_fp32.expected.safetensors"));
        var logits = gpu.Read(1, golden.Ints("tokens40"));
        Tolerance.AssertClose(golden.Floats("logits40").AsSpan(^gpu.Runner.VocabularySize..), logits, "the prompt");
        Assert.All(gpu.Driver.Launched, kernel => Assert.Equal($"span_{version[^1]}", kernel));   // the recurrence alone, one launch per layer
        Assert.Equal(gpu.Runner.Layout.LayerCount, gpu.Driver.Launched.Count);
        foreach (var expected in golden.Ints("greedy_tokens"))
        {
            Assert.Equal(expected, Array.IndexOf(logits, logits.Max()));
            logits = gpu.Decode((1, expected));
        }

        Assert.Contains("embed", gpu.Driver.Launched);
    }

    [Theory]
    [InlineData("rwkv6"), InlineData("rwkv7")]
    public void A_restored_snapshot_continues_as_if_never_interrupted(string version)
    {
        using var gpu = new HostGpu(version);
        gpu.Read(0, [.. Enumerable.Range(1, 20)]);
        gpu.Decode((0, 7));
        var snapshot = gpu.Runner.Capture(0, 21);
        var straight = gpu.Decode((0, 8));
        gpu.Runner.Restore(2, snapshot);
        Assert.Equal(straight, gpu.Decode((2, 8)));
        gpu.Runner.Restore(1, snapshot);
        Assert.Equal(straight, gpu.Read(1, [8]));   // a short prompt is read by the kernels, too
    }

    [Fact]
    public void A_reset_slot_reads_as_if_nothing_had_been_read()
    {
        using var gpu = new HostGpu("rwkv7");
        var first = gpu.Read(1, [1, 2, 3]);
        gpu.Runner.Reset(1);
        Assert.Equal(first, gpu.Read(1, [1, 2, 3]));
        Assert.NotEqual(first, gpu.Read(1, [1, 2, 3]));
    }

    [Fact]
    public void A_batch_decodes_each_row_as_alone()
    {
        using var gpu = new HostGpu("rwkv7");
        var alone = new List<float>();
        for (var slot = 0; slot < 3; slot++)
        {
            gpu.Read(slot, [.. Enumerable.Range(slot, 20)]);
            var snapshot = gpu.Runner.Capture(slot, 20);
            alone.AddRange(gpu.Decode((slot, 30 + slot)));
            gpu.Runner.Restore(slot, snapshot);
        }

        Assert.Equal([.. alone], gpu.Decode((0, 30), (1, 31), (2, 32)));
    }

    [Fact]
    public void Nothing_is_left_when_the_GPU_has_not_the_memory()
    {
        var failure = Assert.Throws<CudaException>(() => new HostGpu("rwkv7", memory: 1 << 16));
        Assert.True(failure.IsOutOfMemory);
        Assert.Contains("of the GPU's 64.0 KiB", failure.Message, StringComparison.Ordinal);
    }
}
