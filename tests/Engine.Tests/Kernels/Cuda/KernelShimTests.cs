using RwkvSk.Engine.Kernels.Cuda.Driver;
using RwkvSk.TestKit.Cuda;
using Xunit;

namespace RwkvSk.Engine.Tests.Kernels.Cuda;

/// <summary>The host's stand-in for a GPU finds what would hang or be undefined on one.</summary>
public unsafe class KernelShimTests
{
    [Fact]
    public void A_barrier_that_one_thread_leaves_out_is_an_error() => Fails("fault_barrier", "not all threads");

    [Fact]
    public void An_exchange_that_one_lane_leaves_out_is_an_error() => Fails("fault_exchange", "lanes that do not come");

    [Fact]
    public void A_kernel_that_is_not_there_is_an_error() => Fails("no_such_kernel", "no_such_kernel");

    private static void Fails(string kernel, string saying)
    {
        Assert.SkipUnless(KernelShim.SkipReason.Length == 0, KernelShim.SkipReason);
        foreach (var isReversed in new[] { false, true })
        {
            foreach (var thread in new[] { 0, 77, 255 })
            {
                var parameter = thread;
                void* arguments = &parameter;
                var message = KernelShim.Load(isReversed).Launch(kernel, LaunchShape.Of(1, 256), &arguments);
                Assert.Contains(saying, message ?? "it ran", StringComparison.Ordinal);
            }
        }
    }
}
