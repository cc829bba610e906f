using System.Text;
using RwkvSk.Engine;
using RwkvSk.Engine.Kernels.Cuda;
using RwkvSk.TestKit.Cuda;
using Xunit;

namespace RwkvSk.Gpu.Tests;

/// <summary>The driver's own functions, as they are called from here.</summary>
public class DriverTests
{
    public DriverTests() => Gpu.Require();

    [Fact]
    public void A_device_says_what_it_is()
    {
        using var context = Gpu.Open();
        var device = context.Device;
        Assert.NotEmpty(device.Name);
        Assert.InRange(device.Capability, 50, 200);
        Assert.InRange(device.Multiprocessors, 1, 1000);
        Assert.InRange(context.Memory().Free, 1, device.MemoryBytes);
    }

    [Fact]
    public void The_kernels_are_translated_and_all_there()
    {
        using var context = Gpu.Open();
        Assert.NotNull(new CudaKernels(context));
    }

    [Fact]
    public void Text_that_is_no_PTX_is_refused_with_what_the_translator_says()
    {
        using var context = Gpu.Open();
        var failure = Assert.Throws<CudaException>(() => context.Load(Encoding.UTF8.GetBytes(".version 7.5\n.target sm_80\n.address_size 64\nnonsense\n")));
        Assert.Contains("the translator says", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Copies_of_rows_that_lie_apart_arrive()
    {
        using var context = Gpu.Open();
        DriverLaws.RowsThatLieApartAreCopiedAlone(context);
    }

    [Fact]
    public void A_graph_copies_what_is_in_memory_when_it_runs()
    {
        using var context = Gpu.Open();
        using var buffer = context.Allocate(sizeof(int));
        using var from = context.Pin(sizeof(int));
        using var to = context.Pin(sizeof(int));
        using var graph = context.Capture(() =>
        {
            context.Stream.Copy(from, buffer, sizeof(int));
            context.Stream.Copy(buffer, to, sizeof(int));
        });
        foreach (var value in new[] { 5, 6 })
        {
            from.Span<int>()[0] = value;
            graph.Launch();
            context.Stream.Synchronize();
            Assert.Equal(value, to.Span<int>()[0]);
        }
    }

    [Fact]
    public void Time_on_the_GPU_passes()
    {
        using var context = Gpu.Open();
        using var buffer = context.Allocate(64L << 20);
        using var from = context.Event();
        using var to = context.Event();
        from.Record();
        context.Stream.Fill(buffer, 1);
        to.Record();
        to.Synchronize();
        Assert.True(to.Since(from) > 0);
    }
}
