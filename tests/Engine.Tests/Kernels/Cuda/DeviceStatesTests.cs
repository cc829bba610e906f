using RwkvSk.Engine.Kernels;
using RwkvSk.Engine.Kernels.Cpu;
using RwkvSk.Engine.Kernels.Cuda;
using RwkvSk.Engine.Kernels.Cuda.Driver;
using RwkvSk.Engine.States;
using RwkvSk.Engine.Tests.Kernels.Cuda.Driver;
using Xunit;

namespace RwkvSk.Engine.Tests.Kernels.Cuda;

/// <summary>States out of a pool and into it, on the host and on a GPU.</summary>
public unsafe class DeviceStatesTests
{
    private const int Slots = 3;
    private static readonly StateLayout Layout = new(2, 4, 8);
    private static readonly int Numbers = Slots * Layout.Length;

    [Fact]
    public void A_GPU_copies_the_same_numbers_as_the_host()
    {
        var driver = TestKernels.Driver();
        using (var context = CudaContext.Open(driver))
        {
            var pool = Enumerable.Range(0, Numbers).Select(static i => (float)i).ToArray();
            using var buffer = context.Allocate(Numbers * sizeof(float));
            buffer.Write<float>(pool);
            fixed (float* address = pool)
            {
                using var host = new HostStates(new StatesInPlace((nint)address, Slots), Layout);
                using var device = new DeviceStates(context, new StatesInPlace(buffer.Pointer, Slots), Layout);
                for (var slot = 0; slot < Slots; slot++)
                {
                    float[] expected = new float[Layout.Length], seen = new float[Layout.Length];
                    host.Capture(slot, expected);
                    device.Capture(slot, seen);
                    Assert.Equal(expected, seen);
                }

                var state = Enumerable.Range(0, Layout.Length).Select(static i => -1f - i).ToArray();
                host.Restore(1, state);
                device.Restore(1, state);
                var whole = new float[Numbers];
                buffer.Read<float>(whole);
                Assert.Equal(pool, whole);
            }
        }

        Assert.Equal(0, driver.LiveHandles);
        Assert.Empty(driver.Damage);
    }

    [Fact]
    public void A_state_is_one_copy_each_way()
    {
        var driver = TestKernels.Driver();
        using var context = CudaContext.Open(driver);
        using var buffer = context.Allocate(Numbers * sizeof(float));
        using var device = new DeviceStates(context, new StatesInPlace(buffer.Pointer, Slots), Layout);
        var state = new float[Layout.Length];
        device.Restore(0, state);
        device.Capture(0, state);
        Assert.Equal(2, driver.Log.Count(static call => call == "cuMemcpy2DAsync"));
        Assert.DoesNotContain("cuMemcpyHtoD", driver.Log);
    }

    [Theory]
    [InlineData(-1), InlineData(Slots)]
    public void A_slot_that_is_not_there_is_refused(int slot)
    {
        using var context = CudaContext.Open(TestKernels.Driver());
        using var device = new DeviceStates(context, new StatesInPlace(256, Slots), Layout);
        Assert.Throws<ArgumentOutOfRangeException>(() => device.Capture(slot, new float[Layout.Length]));
    }

    [Fact]
    public void Whoever_takes_the_pool_over_waits_for_the_other_once()
    {
        var waits = new List<string>();
        var handover = new PoolHandover(() => waits.Add("libtorch"), () => waits.Add("stream"));
        handover.ToTorch();
        handover.ToStream();
        handover.ToStream();
        handover.ToTorch();
        handover.ToTorch();
        handover.ToStream();
        Assert.Equal(["libtorch", "stream", "libtorch"], waits);
    }
}
