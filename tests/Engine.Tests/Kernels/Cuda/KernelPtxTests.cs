using System.Runtime.CompilerServices;
using System.Text;
using RwkvSk.Engine.Kernels.Cuda;
using RwkvSk.Engine.Kernels.Cuda.Parameters;
using RwkvSk.TestKit.Cuda;
using Xunit;

namespace RwkvSk.Engine.Tests.Kernels.Cuda;

/// <summary>The kernels' text that is shipped.</summary>
public class KernelPtxTests
{
    [Fact]
    public void It_is_what_its_sources_give()
    {
        const string Compiler = "clang++-19";
        Assert.SkipWhen(KernelShim.Find(Compiler) is null, $"the PTX is rebuilt only where there is {Compiler}, of Debian's clang-19");
        var file = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            KernelShim.Run("bash", KernelShim.Sources, "build.sh", file);
            Assert.True(File.ReadAllBytes(file).AsSpan().SequenceEqual(CudaKernels.Ptx()), "kernels.ptx is not what Sources/build.sh makes: run it and commit what it gives");
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void Parameters_are_as_large_as_the_structures_that_fill_them()
    {
        var sizes = PtxEntries.Read(Encoding.UTF8.GetString(CudaKernels.Ptx()));
        var expected = new Dictionary<string, int>
        {
            ["embed"] = Unsafe.SizeOf<Embed>(), ["norm_mix"] = Unsafe.SizeOf<NormMix>(), ["products"] = Unsafe.SizeOf<Products>(),
            ["sparse_product"] = Unsafe.SizeOf<SparseProduct>(), ["heads7"] = Unsafe.SizeOf<Heads7>(), ["mix6"] = Unsafe.SizeOf<Mix6>(), ["heads6"] = Unsafe.SizeOf<Heads6>(), ["choose"] = Unsafe.SizeOf<Choose>(),
            ["elements"] = Unsafe.SizeOf<ElementGroup>(), ["span_6"] = Unsafe.SizeOf<SpanOfPositions>(), ["span_7"] = Unsafe.SizeOf<SpanOfPositions>(),
        };
        Assert.NotEmpty(sizes);
        Assert.All(sizes, kernel => Assert.Equal(expected[Name(kernel.Key)], Assert.Single(kernel.Value)));

        // products_8: the same parameters for any number of columns.
        string Name(string kernel) => expected.ContainsKey(kernel) ? kernel : kernel[..kernel.LastIndexOf('_')];
    }

    [Fact]
    public void Nothing_spills_into_local_memory_before_the_driver_has_seen_it() =>
        Assert.DoesNotContain("__local_depot", Encoding.UTF8.GetString(CudaKernels.Ptx()), StringComparison.Ordinal);
}
