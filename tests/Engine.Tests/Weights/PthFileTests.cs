using RwkvSk.Engine.Weights;
using RwkvSk.TestKit;
using Xunit;

namespace RwkvSk.Engine.Tests.Weights;

public sealed unsafe class PthFileTests
{
    [Theory]
    [InlineData("variants.pth", "variants/")]
    [InlineData("proto4.pth", "proto4/")]
    [InlineData("nested.pth", "nested/state_dict.")]
    [InlineData("saved_on_cuda.pth", "saved_on_cuda/")]
    [InlineData("torch2_style.pth", "torch2_style/")]
    public void Every_tensor_has_the_reference_type_shape_and_bytes(string file, string prefix)
    {
        using var checkpoint = PthFile.Open(Golden.File("loader", file));
        LoaderExpectation.AssertSame(checkpoint, prefix);
    }

    [Theory]
    [InlineData("unknown_global.pth", "posix.getpid")]
    [InlineData("truncated.pth", "cut short")]
    [InlineData("legacy_format.pth", "before version 1.6")]
    [InlineData("variants.safetensors", "expected a zip archive")]
    [InlineData("bad_empty.safetensors", "is empty")]
    public void A_bad_file_is_refused_with_its_name_and_the_finding(string file, string finding)
    {
        var path = Golden.File("loader", file);
        var refusal = Assert.Throws<ModelFormatException>(() => PthFile.Open(path));
        Assert.Contains(path, refusal.Message, StringComparison.Ordinal);
        Assert.Contains(finding, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Contiguous_tensors_are_used_where_they_lie()
    {
        var path = Golden.File("loader", "variants.pth");
        using var checkpoint = PthFile.Open(path);
        checkpoint.Data("view.whole", out var whole);
        checkpoint.Data("view.rows2to4", out var rows);
        checkpoint.Data("view.transposed", out var transposed);
        Assert.Equal(2 * 8 * sizeof(float), rows - whole);   // rows 2 and 3 of the same [6,8] in the mapping
        Assert.NotInRange((nint)transposed, (nint)whole, (nint)whole + new FileInfo(path).Length);
        checkpoint.Data("view.transposed", out var again);
        Assert.True(transposed == again);
    }

    [Fact]
    public void After_disposal_data_is_refused()
    {
        var checkpoint = PthFile.Open(Golden.File("loader", "variants.pth"));
        checkpoint.Dispose();
        Assert.Throws<ObjectDisposedException>(() => { checkpoint.Data("f32", out _); });
        Assert.Throws<ObjectDisposedException>(() => { checkpoint.Data("view.transposed", out _); });
    }

    [Theory]
    [InlineData(new long[] { 2, 2 }, new long[] { 2, 1 }, 0, 4, null)]
    [InlineData(new long[] { 2, 2 }, new long[] { 2, 1 }, 1, 4, "do not fit")]
    [InlineData(new long[] { 2, 2 }, new long[] { 3, 1 }, 0, 4, "do not fit")]
    [InlineData(new long[] { 2, 2 }, new long[] { -2, 1 }, 2, 4, "do not fit")]
    [InlineData(new long[] { 2, 2 }, new long[] { 2, 1 }, -1, 4, "do not fit")]
    [InlineData(new long[] { 2, 2 }, new long[] { 2 }, 0, 4, "do not fit")]
    [InlineData(new long[] { 4 }, new long[] { 1 }, 0, 5, "has 5 elements")]
    [InlineData(new long[] { 4 }, new long[] { 1 }, 0, long.MaxValue, "elements of 4 bytes")]
    [InlineData(new long[] { 4 }, new long[] { 1 }, 0, -1, "persistent id")]
    [InlineData(new long[] { -4 }, new long[] { 1 }, 0, 4, "absurd shape")]
    [InlineData(new long[] { long.MaxValue, long.MaxValue, 0 }, new long[] { 1, 1, 1 }, 0, 4, "absurd shape")]
    [InlineData(new long[] { 3, 3 }, new long[] { long.MaxValue, long.MaxValue }, 0, 4, "do not fit")]
    [InlineData(new long[] { 100_000_000 }, new long[] { 0 }, 0, 4, "out of a storage")]
    public void A_view_must_fit_its_storage(long[] shape, long[] strides, long offset, long count, string? finding)
    {
        var pickle = new PickleAssembler().Code("}").Text("w").Tensor("FloatStorage", "0", count, offset, shape, strides).Code("s").Finish();
        using var folder = new TemporaryFolder();
        var path = folder.Write("view.pth", PthBuilder.Archive(pickle, ("data/0", new byte[16])));
        if (finding is null)
        {
            using var checkpoint = PthFile.Open(path);
            Assert.Equal(16, checkpoint.Data("w").Length);
        }
        else
        {
            Assert.Contains(finding, Assert.Throws<ModelFormatException>(() => PthFile.Open(path)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_storage_without_its_member_is_refused() =>
        AssertRefused(PthBuilder.Archive(new PickleAssembler().Code("}").Text("w").Tensor("FloatStorage", "7", 1, 0, [1], [1]).Code("s").Finish()), "no member 'data/7'");

    [Fact]
    public void Big_endian_data_is_refused() =>
        AssertRefused(PthBuilder.Archive(new PickleAssembler().Code("}").Finish(), ("byteorder", "big"u8.ToArray())), "byte order 'big'");

    [Fact]
    public void A_TorchScript_archive_is_refused() =>
        AssertRefused(PthBuilder.Archive(new PickleAssembler().Code("}").Finish(), ("code/__torch__.py", "x"u8.ToArray())), "TorchScript");

    [Fact]
    public void A_dictionary_without_tensors_is_refused_with_its_keys() =>
        AssertRefused(PthBuilder.Archive(new PickleAssembler().Code("}").Text("optimizer").Code("Ns").Finish()), "its keys are optimizer");

    [Fact]
    public void A_bare_pickle_is_refused() => AssertRefused(new PickleAssembler().Code("}").Finish(), "bare pickle");

    private static void AssertRefused(byte[] content, string finding)
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("bad.pth", content);
        var refusal = Assert.Throws<ModelFormatException>(() => PthFile.Open(path));
        Assert.Contains("bad.pth", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(finding, refusal.Message, StringComparison.Ordinal);
    }
}
