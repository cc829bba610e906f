using RwkvSk.Engine.Models;
using RwkvSk.TestKit;
using Xunit;

namespace RwkvSk.Engine.Tests.Models;

public sealed class MemoryPlanTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_cannot_fit_is_refused_with_what_takes_most()
    {
        var plan = new MemoryPlan("big", [new(MemoryKinds.MappedWeights, 1L << 40, "the file"), new(MemoryKinds.CopiedWeights, 3L << 30, "widened weights"), new(MemoryKinds.Slots, 1L << 30, "states")]);
        plan.EnsureFits(4L << 30);
        var refusal = Assert.Throws<InsufficientMemoryException>(() => plan.EnsureFits((4L << 30) - 1));
        Assert.Contains("'big' needs 4.00 GiB", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("3.00 GiB, is widened weights", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_impossible_number_of_slots_is_refused_before_anything_is_allocated()
    {
        Assert.SkipWhen(LibTorch.Missing is not null, LibTorch.Missing ?? "");
        var model = TinyModel.Create(_folder["tiny"]);
        Assert.Throws<InsufficientMemoryException>(() => RwkvEngine.Load(model, new EngineOptions { Device = Device.Cpu, MaxRunning = 1 << 30 }));
    }

    [Theory]
    [InlineData("1000", "700", 300 + 150)]
    [InlineData("1000", "1200", 0)]
    [InlineData("max", "700", long.MaxValue)]
    public void A_control_group_leaves_its_limit_less_what_it_cannot_drop(string limit, string used, long left)
    {
        _folder.Write("memory.max", System.Text.Encoding.ASCII.GetBytes(limit + "\n"));
        _folder.Write("memory.current", System.Text.Encoding.ASCII.GetBytes(used + "\n"));
        var files = left == 0 ? 0 : 50;
        var folder = Path.GetDirectoryName(_folder.Write("memory.stat", System.Text.Encoding.ASCII.GetBytes($"anon 500\nactive_file {files}\ninactive_file {2 * files}\n")))!;
        Assert.Equal(left, SystemMemory.ControlGroup(folder));
    }

    [Fact]
    public void A_group_without_a_limit_leaves_everything() => Assert.Equal(long.MaxValue, SystemMemory.ControlGroup(_folder["nowhere"]));
}
