using System.Runtime.InteropServices;
using RwkvSk.Engine.Kernels.Cuda.Driver;
using RwkvSk.TestKit.Cuda;
using Xunit;

namespace RwkvSk.Engine.Tests.Kernels.Cuda.Driver;

/// <summary>The calls into cuBLAS, against a library in C++ with cuBLAS's prototypes: every argument arrives where and as it should.</summary>
public sealed unsafe class CublasTests : IClassFixture<DriverLibrary>
{
    private readonly nint _library;
    private readonly CudaDriver _driver;
    private readonly Cublas _cublas;

    public CublasTests(DriverLibrary library)
    {
        Assert.SkipUnless(KernelShim.SkipReason.Length == 0, KernelShim.SkipReason);
        _library = NativeLibrary.Load(library.Cublas!);
        _driver = CudaDriver.TryLoad(library.Path!, out _)!;
        _cublas = Cublas.TryLoad(library.Cublas!, out var reason)!;
        Assert.Equal("", reason);
    }

    [Fact]
    public void A_handle_has_the_contexts_stream_and_a_workspace_and_is_given_back()
    {
        Assert.Equal(CublasStatus.Success, _cublas.Create(out var handle));
        Assert.Equal(CublasStatus.Success, _cublas.SetStream(handle, 0x1234));
        Assert.Equal(CublasStatus.Success, _cublas.SetWorkspace(handle, 0x100, 5L << 30));
        var stream = (delegate* unmanaged<nint, nint>)NativeLibrary.GetExport(_library, "stub_stream");
        var workspace = (delegate* unmanaged<nint, nint>)NativeLibrary.GetExport(_library, "stub_workspace");
        var bytes = (delegate* unmanaged<nint, ulong>)NativeLibrary.GetExport(_library, "stub_bytes");
        Assert.Equal((0x1234, 0x100, 5UL << 30), (stream(handle), workspace(handle), bytes(handle)));
        Assert.Equal(1, Live());
        Assert.Equal(CublasStatus.InvalidValue, _cublas.SetWorkspace(handle, 0x101, 1));
        Assert.Equal(CublasStatus.Success, _cublas.Destroy(handle));
        Assert.Equal(CublasStatus.NotInitialized, _cublas.Destroy(handle));
        Assert.Equal(0, Live());
    }

    [Theory]
    [InlineData("Float32", true, false), InlineData("Float32", false, true), InlineData("Float16", true, true), InlineData("Float16", false, false)]
    [InlineData("BFloat16", true, false), InlineData("BFloat16", false, true)]
    public void Products_are_those_of_the_double(string type, bool turnsA, bool adds)
    {
        const int Rows = 5, Columns = 3, Inner = 4;
        var format = Enum.Parse<CublasType>(type);
        var random = new Random(4);
        var (a, b) = (Numbers(format, 64, random), Numbers(format, 64, random));
        var c = Enumerable.Range(0, 32).Select(_ => random.NextSingle()).ToArray();
        float[] real = [.. c], stub = [.. c];
        fixed (byte* pa = a, pb = b)
        {
            fixed (float* pr = real, ps = stub)
            {
                var product = new MatrixProduct(format, turnsA, Rows, Columns, Inner, (nint)pa, 7, (nint)pb, 6, (nint)pr, 8, adds);
                Assert.Equal(CublasStatus.Success, _cublas.Create(out var handle));
                Assert.Equal(CublasStatus.Success, _cublas.Multiply(handle, product));
                Assert.Equal(CublasStatus.InvalidValue, _cublas.Multiply(handle, product with { StrideA = 3 }));
                Assert.Equal(CublasStatus.Success, _cublas.Destroy(handle));
                Assert.Equal(CublasStatus.NotInitialized, _cublas.Multiply(handle, product));

                var driver = TestKernels.Driver(64 << 20);
                using var context = CudaContext.Open(driver);
                driver.Adopt((nint)pa, a.Length);
                driver.Adopt((nint)pb, b.Length);
                driver.Adopt((nint)ps, stub.Length * sizeof(float));
                using var started = context.Start(new HostCublas(driver));
                started.Multiply(product with { C = (nint)ps });
                context.Stream.Synchronize();
            }
        }

        Assert.NotEqual(c, real);
        Assert.Equal(real, stub);
    }

    [Fact]
    public void It_works_on_a_context_of_the_driver_and_names_what_it_refuses()
    {
        using var context = CudaContext.Open(_driver);

        // The driver's library here has a megabyte: the workspace does not fit.
        var failure = Assert.Throws<CudaException>(() => context.Start(_cublas));
        Assert.True(failure.IsOutOfMemory);
        Assert.Equal(0, Live());
    }

    [Fact]
    public void What_the_process_has_loaded_comes_first_and_then_what_lies_beside_its_libtorch()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the paths are Linux's");
        Assert.Equal(
            ["/torch/lib/libcublas-1f2e.so.12", "/torch/lib/libcublas.so.13", "/torch/lib/libcublas.so.12", "libcublas.so.13", "libcublas.so.12"],
            Cublas.Candidates(["/usr/lib/libc.so.6", "/torch/lib/libcublasLt.so.12", "/torch/lib/libtorch_cuda.so", "/torch/lib/libcublas-1f2e.so.12"]));
        Assert.Equal(["libcublas.so.13", "libcublas.so.12"], Cublas.Candidates([]));
    }

    [Fact]
    public void A_library_that_is_not_cuBLAS_is_refused_with_what_it_lacks()
    {
        Assert.Null(Cublas.TryLoad("libc.so.6", out var reason));
        Assert.Equal("libc.so.6 has no cublasCreate_v2", reason);
        Assert.Null(Cublas.TryLoad("libnothing-of-that-name.so", out reason));
        Assert.Equal("libnothing-of-that-name.so does not load", reason);
    }

    private static byte[] Numbers(CublasType type, int count, Random random) =>
    [
        .. Enumerable.Range(0, count).SelectMany(_ =>
        {
            var x = (random.Next(1, 200) - 100.5f) / 64;
            return type switch
            {
                CublasType.Float16 => BitConverter.GetBytes((Half)x),
                CublasType.BFloat16 => BitConverter.GetBytes((ushort)(BitConverter.SingleToUInt32Bits(x) >> 16)),
                _ => BitConverter.GetBytes(x),
            };
        }),
    ];

    private int Live() => ((delegate* unmanaged<int>)NativeLibrary.GetExport(_library, "stub_live"))();
}
