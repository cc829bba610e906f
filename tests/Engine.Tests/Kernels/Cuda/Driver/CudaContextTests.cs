using RwkvSk.Engine.Kernels.Cuda.Driver;
using Xunit;

namespace RwkvSk.Engine.Tests.Kernels.Cuda.Driver;

/// <summary>What a context makes, and that nothing of it stays.</summary>
public class CudaContextTests
{
    [Fact]
    public void A_graph_runs_what_was_recorded_with_what_is_in_memory_then()
    {
        var driver = TestKernels.Driver();
        using (var context = CudaContext.Open(driver))
        {
            Assert.Equal([13f, 14f, 21f, 22f], Scenario(context));
        }

        Assert.Equal(0, driver.LiveHandles);
        Assert.Empty(driver.Damage);
        Assert.Equal(2, driver.GraphLaunches);
    }

    [Fact]
    public void Nothing_stays_whichever_call_fails()
    {
        var whole = TestKernels.Driver();
        using (var context = CudaContext.Open(whole))
        {
            Scenario(context);
        }

        Assert.True(whole.Calls > 20);
        for (var call = 1; call <= whole.Calls; call++)
        {
            var driver = TestKernels.Driver();
            (driver.FailAt, driver.FailWith) = (call, CudaStatus.OutOfMemory);
            var failure = Assert.Throws<CudaException>(() =>
            {
                using var context = CudaContext.Open(driver);
                Scenario(context);
            });
            Assert.True(failure.IsOutOfMemory);
            Assert.StartsWith(failure.Call, whole.Log.Where(static name => !IsFreeing(name)).ElementAt(call - 1), StringComparison.Ordinal);
            Assert.Equal(0, driver.LiveHandles);
        }
    }

    [Fact]
    public void Freeing_twice_and_after_the_context_frees_once()
    {
        var driver = TestKernels.Driver();
        var context = CudaContext.Open(driver);
        var (first, second) = (context.Allocate(64), context.Allocate(64));
        Assert.Equal(128, context.AllocatedBytes);
        first.Dispose();
        first.Dispose();
        Assert.Equal((64, 64), (context.AllocatedBytes, driver.DeviceBytes));
        context.Dispose();
        context.Dispose();
        second.Dispose();
        Assert.Equal(2, driver.Log.Count(static name => name == "cuMemFree"));
        Assert.Equal(1, driver.Log.Count(static name => name == "cuDevicePrimaryCtxRelease"));
        Assert.Equal(0, driver.LiveHandles);
    }

    [Fact]
    public void Two_contexts_of_a_process_share_the_device()
    {
        var driver = TestKernels.Driver();
        using var one = CudaContext.Open(driver);
        using (var other = CudaContext.Open(driver))
        {
            Assert.Equal([13f, 14f, 21f, 22f], Scenario(other));
        }

        one.MakeCurrent();
        Assert.Equal([13f, 14f, 21f, 22f], Scenario(one));
    }

    [Fact]
    public void A_thread_without_the_context_is_told_so()
    {
        using var context = CudaContext.Open(TestKernels.Driver());
        CudaException? failure = null;
        using var disposed = context.Pin(16);
        var thread = new Thread(() =>
        {
            failure = Record.Exception(() => context.Allocate(16)) as CudaException;
            context.MakeCurrent();
            context.Allocate(16).Dispose();
        });
        thread.Start();
        thread.Join();
        Assert.Equal((int)CudaStatus.InvalidContext, failure?.Code);
    }

    [Fact]
    public void Out_of_memory_says_how_much_it_was_and_how_much_there_is()
    {
        using var context = CudaContext.Open(TestKernels.Driver(memory: 3 << 20));
        using var taken = context.Allocate(1 << 20);
        var failure = Assert.Throws<CudaException>(() => context.Allocate((5 << 20) / 2));
        Assert.Contains("of 2.5 MiB, of the GPU's 3.0 MiB are 2.0 MiB free", failure.Message, StringComparison.Ordinal);
        Assert.True(failure.IsOutOfMemory);
        Assert.Equal((2L << 20, 3L << 20), context.Memory());
    }

    [Fact]
    public void A_fault_of_a_kernel_is_known_when_waiting_and_stays()
    {
        var driver = TestKernels.Driver();
        using (var context = CudaContext.Open(driver))
        {
            var arguments = default(KernelArguments);
            context.Stream.Launch(context.Load(TestKernels.Ptx).Function("fault"), LaunchShape.Of(1, 1), ref arguments);
            var failure = Assert.Throws<CudaException>(context.Stream.Synchronize);
            Assert.True(failure.IsFatal);
            Assert.Contains("start it again", failure.Message, StringComparison.Ordinal);
            Assert.True(Assert.Throws<CudaException>(() => context.Allocate(16)).IsFatal);
        }

        Assert.Equal(0, driver.LiveHandles);
    }

    [Fact]
    public void A_kernel_that_is_not_there_and_text_that_is_no_PTX_are_named()
    {
        using var context = CudaContext.Open(TestKernels.Driver());
        Assert.Contains("(subtract)", Assert.Throws<CudaException>(() => context.Load(TestKernels.Ptx).Function("subtract")).Message, StringComparison.Ordinal);
        Assert.Contains("missing .version", Assert.Throws<CudaException>(() => context.Load("nothing"u8)).Message, StringComparison.Ordinal);
        Assert.Contains("bytes of shared memory", Assert.Throws<CudaException>(() => context.Load(TestKernels.Ptx).Function("add", 1 << 20)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_cannot_be_recorded_is_refused_and_the_stream_goes_on()
    {
        var driver = TestKernels.Driver();
        using (var context = CudaContext.Open(driver))
        {
            Assert.Equal((int)CudaStatus.StreamCaptureUnsupported, Assert.Throws<CudaException>(() => context.Capture(() => context.Allocate(16))).Code);
            Assert.Throws<CudaException>(() => context.Capture(context.Stream.Synchronize));
            Assert.Equal([13f, 14f, 21f, 22f], Scenario(context));
        }

        Assert.Equal(0, driver.LiveHandles);
    }

    // x = what is pinned + 1, twice x = x + value; recorded before the numbers are there.
    private static float[] Scenario(CudaContext context)
    {
        const int Bytes = 2 * sizeof(float);
        var module = context.Load(TestKernels.Ptx);
        var (add, sum) = (module.Function("add"), module.Function("sum", sharedBytes: 64 << 10));
        using var x = context.Allocate(Bytes);
        using var value = context.Allocate(Bytes);
        using var pinned = context.Pin(Bytes);
        using var result = context.Pin(Bytes);
        var (from, to) = (context.Event(), context.Event());
        value.Write<float>([1, 1]);
        using var graph = context.Capture(() =>
        {
            context.Stream.Copy(pinned, x, Bytes);
            var arguments = default(KernelArguments);
            arguments.Add(x.Pointer);
            arguments.Add(2u);
            arguments.Add(1f);
            context.Stream.Launch(add, LaunchShape.Of(1, 32), ref arguments);
            var more = default(KernelArguments);
            more.Add(x.Pointer);
            more.Add(value.Pointer);
            more.Add(2u);
            context.Stream.Launch(sum, LaunchShape.Of(1, 32, sharedBytes: 60 << 10), ref more);
            context.Stream.Launch(sum, LaunchShape.Of(1, 32), ref more);
            context.Stream.Copy(x, result, Bytes);
        });
        from.Record();
        float[] seen = [.. Run(10, 11), .. Run(18, 19)];
        to.Record();
        to.Synchronize();
        Assert.True(to.Since(from) > 0);
        return seen;

        float[] Run(float first, float second)
        {
            (pinned.Span<float>()[0], pinned.Span<float>()[1]) = (first, second);
            graph.Launch();
            context.Stream.Synchronize();
            return result.Span<float>().ToArray();
        }
    }

    private static bool IsFreeing(string call) => call.Contains("Free", StringComparison.Ordinal) || call.Contains("Destroy", StringComparison.Ordinal)
        || call.Contains("Unload", StringComparison.Ordinal) || call.Contains("Release", StringComparison.Ordinal);
}
