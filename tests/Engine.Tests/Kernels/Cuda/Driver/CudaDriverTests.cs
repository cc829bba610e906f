using System.Runtime.InteropServices;
using RwkvSk.Engine.Kernels.Cuda.Driver;
using RwkvSk.TestKit.Cuda;
using Xunit;

namespace RwkvSk.Engine.Tests.Kernels.Cuda.Driver;

/// <summary>The calls into the driver's library, against a library in C++ with the driver's prototypes: every argument arrives where and as it should.</summary>
public sealed unsafe class CudaDriverTests : IClassFixture<DriverLibrary>
{
    private readonly delegate* unmanaged<int> _live;
    private readonly CudaDriver _driver;

    public CudaDriverTests(DriverLibrary library)
    {
        Assert.SkipUnless(KernelShim.SkipReason.Length == 0, KernelShim.SkipReason);
        _live = (delegate* unmanaged<int>)NativeLibrary.GetExport(NativeLibrary.Load(library.Path!), "stub_live");
        _driver = CudaDriver.TryLoad(library.Path!, out var reason)!;
        Assert.Equal("", reason);
    }

    [Fact]
    public void A_device_is_asked_for_what_it_is()
    {
        Assert.Equal(CudaStatus.Success, _driver.DriverVersion(out var version));
        Assert.Equal(12080, version);
        Assert.Null(CudaReadiness.WhyNot(_driver));
        Assert.Equal(new CudaDevice(1, "second", 91, 7, 100000, 1 << 20), CudaDevice.Read(_driver, 1));
    }

    [Fact]
    public void A_kernel_gets_its_shape_and_its_arguments()
    {
        using var context = CudaContext.Open(_driver);
        using var seen = context.Allocate(10 * sizeof(uint));
        var function = context.Load(TestKernels.Ptx).Function("probe", sharedBytes: 50000);
        var arguments = default(KernelArguments);
        arguments.Add(seen.Pointer);
        arguments.Add((byte)77);
        arguments.Add(5.0);
        context.Stream.Launch(function, new LaunchShape(1, 2, 3, 4, 5, 6, 700), ref arguments);
        var numbers = new uint[10];
        seen.Read<uint>(numbers);
        Assert.Equal([1, 2, 3, 4, 5, 6, 700, 77, 5, 50000], numbers);
    }

    [Fact]
    public void Copies_and_fills_arrive()
    {
        using var context = CudaContext.Open(_driver);
        using var buffer = context.Allocate(24);
        using var pinned = context.Pin(24);
        buffer.Write<short>([0, 1, 2, 3, 10, 11, 12, 13, 20, 21, 22, 23]);
        context.Stream.Copy(new PitchedCopy(CopyDirection.ToHost, pinned.Pointer, 4, buffer.Pointer + 2, 8, 4, 3));
        Assert.Equal([1, 2, 11, 12, 21, 22], pinned.Span<short>()[..6].ToArray());
        pinned.Span<short>().Fill(7);
        context.Stream.Copy(new PitchedCopy(CopyDirection.ToDevice, buffer.Pointer, 8, pinned.Pointer, 4, 4, 2));
        context.Stream.Copy(new PitchedCopy(CopyDirection.OnDevice, buffer.Pointer + 16, 2, buffer.Pointer + 4, 8, 2, 2));
        var seen = new short[12];
        buffer.Read<short>(seen);
        Assert.Equal([7, 7, 2, 3, 7, 7, 12, 13, 2, 12, 22, 23], seen);
        context.Stream.Fill(buffer, 1);
        context.Stream.Copy(buffer, pinned, 8, sourceOffset: 16);
        Assert.Equal(0x0101010101010101, pinned.Span<long>()[0]);
        pinned.Span<long>()[0] = 42;
        context.Stream.Copy(pinned, buffer, 8, targetOffset: 8);
        context.Stream.Copy(buffer.Pointer + 8, buffer.Pointer, 8);
        var number = new long[1];
        buffer.Read<long>(number);
        Assert.Equal(42, number[0]);
    }

    [Fact]
    public void A_graph_is_recorded_made_and_launched_with_the_right_handles()
    {
        using var context = CudaContext.Open(_driver);
        using var graph = context.Capture(static () => { });
        graph.Launch();
        using var from = context.Event();
        using var to = context.Event();
        from.Record();
        to.Record();
        to.Synchronize();
        Assert.Equal(1.5f, to.Since(from));
    }

    [Fact]
    public void What_the_translator_and_the_driver_say_is_passed_on()
    {
        using var context = CudaContext.Open(_driver);
        var refused = Assert.Throws<CudaException>(() => context.Load("nonsense"u8));
        Assert.Contains("the translator says: line 4: nonsense): CUDA_ERROR_INVALID_PTX, the driver does not say more", refused.Message, StringComparison.Ordinal);
        var none = Assert.Throws<CudaException>(() => context.Allocate(2 << 20));
        Assert.Contains("of 2.0 MiB, of the GPU's 1.0 MiB are 1.0 MiB free): CUDA_ERROR_OUT_OF_MEMORY, out of memory", none.Message, StringComparison.Ordinal);
        Assert.Contains("CUDA error 500", Assert.Throws<CudaException>(() => context.Load(TestKernels.Ptx).Function("other")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Everything_is_given_back()
    {
        var before = _live();
        using (var context = CudaContext.Open(_driver))
        {
            context.Allocate(16);
            context.Pin(16);
            context.Load(TestKernels.Ptx);
            context.Event();
            context.Capture(static () => { });
            Assert.Equal(before + 7, _live());
        }

        Assert.Equal(before + 1, _live());   // the primary context is the process's
    }

    [Fact]
    public void A_library_that_is_no_driver_is_refused_with_what_it_lacks()
    {
        Assert.Null(CudaDriver.TryLoad("libc.so.6", out var reason));
        Assert.Equal("the NVIDIA driver is too old: it has no cuInit", reason);
    }
}
