using RwkvSk.Engine.Kernels.Cuda.Driver;
using RwkvSk.TestKit.Cuda;
using Xunit;

namespace RwkvSk.Engine.Tests.Kernels.Cuda.Driver;

/// <summary>Memory and copies.</summary>
public class DeviceBufferTests
{
    [Fact]
    public void What_is_written_is_read()
    {
        using var context = CudaContext.Open(TestKernels.Driver());
        using var buffer = context.Allocate(16);
        buffer.Write<int>([1, 2, 3, 4]);
        buffer.Write<int>([30], offset: 8);
        var seen = new int[3];
        buffer.Read<int>(seen, offset: 4);
        Assert.Equal([2, 30, 4], seen);
    }

    [Fact]
    public void Outside_is_refused_before_the_driver_sees_it()
    {
        var driver = TestKernels.Driver();
        using var context = CudaContext.Open(driver);
        using var buffer = context.Allocate(16);
        using var pinned = context.Pin(8);
        var calls = driver.Calls;
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.Write<int>([1, 2], offset: 12));
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.Read<byte>(new byte[1], offset: -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => context.Stream.Copy(pinned, buffer, 9));
        Assert.Throws<ArgumentOutOfRangeException>(() => context.Stream.Copy(buffer, pinned, 8, sourceOffset: 9));
        Assert.Throws<ArgumentOutOfRangeException>(() => context.Allocate(0));
        Assert.Equal(calls, driver.Calls);
    }

    [Fact]
    public void Freed_memory_has_no_address()
    {
        using var context = CudaContext.Open(TestKernels.Driver());
        var (buffer, pinned) = (context.Allocate(16), context.Pin(16));
        buffer.Dispose();
        pinned.Dispose();
        Assert.Throws<ObjectDisposedException>(() => buffer.Pointer);
        Assert.Throws<ObjectDisposedException>(() => pinned.Pointer);
    }

    [Fact]
    public void Rows_that_lie_apart_are_copied_alone()
    {
        using var context = CudaContext.Open(TestKernels.Driver());
        DriverLaws.RowsThatLieApartAreCopiedAlone(context);
    }

    [Fact]
    public void Copies_run_when_the_stream_gets_there()
    {
        using var context = CudaContext.Open(TestKernels.Driver());
        using var buffer = context.Allocate(4);
        using var pinned = context.Pin(4);
        pinned.Span<int>()[0] = 1;
        context.Stream.Copy(pinned, buffer, 4);
        context.Stream.Fill(buffer, 0x02);
        context.Stream.Copy(buffer, pinned, 4);
        Assert.Equal(1, pinned.Span<int>()[0]);   // the double runs nothing before somebody waits
        context.Stream.Synchronize();
        Assert.Equal(0x02020202, pinned.Span<int>()[0]);
    }
}
