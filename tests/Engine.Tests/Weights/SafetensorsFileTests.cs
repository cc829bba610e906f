using System.Text;
using RwkvSk.Engine.Weights;
using RwkvSk.TestKit;
using Xunit;

namespace RwkvSk.Engine.Tests.Weights;

public sealed unsafe class SafetensorsFileTests
{
    [Theory]
    [InlineData("variants.safetensors", "variants_st/")]
    [InlineData("expected.safetensors", "")]
    public void Every_tensor_has_the_reference_type_shape_and_bytes(string file, string prefix)
    {
        using var checkpoint = SafetensorsFile.Open(Golden.File("loader", file));
        LoaderExpectation.AssertSame(checkpoint, prefix);
    }

    [Fact]
    public void A_header_without_tensors_is_valid()
    {
        using var checkpoint = SafetensorsFile.Open(Golden.File("loader", "header_only_empty.safetensors"));
        Assert.Empty(checkpoint.Tensors);
    }

    [Theory]
    [InlineData("bad_header_length.safetensors", "claims")]
    [InlineData("bad_json.safetensors", "not the expected JSON")]
    [InlineData("bad_offsets.safetensors", "within the")]
    [InlineData("bad_size.safetensors", "needs")]
    [InlineData("bad_overlap.safetensors", "right after")]
    [InlineData("bad_dtype.safetensors", "element type")]
    [InlineData("bad_empty.safetensors", "is empty")]
    public void A_bad_file_is_refused_with_its_name_and_the_finding(string file, string finding)
    {
        var path = Golden.File("loader", file);
        var refusal = Assert.Throws<ModelFormatException>(() => SafetensorsFile.Open(path));
        Assert.Contains(path, refusal.Message, StringComparison.Ordinal);
        Assert.Contains(finding, refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[0],"data_offsets":[4,4]}}""", 4, "it has two")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}}""", 12, "right after")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 8, "ends with the file")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}""", 4, "sizes of 0 or more")]
    [InlineData("""{"a":{"dtype":"U8","shape":[4294967296,4294967296],"data_offsets":[0,0]}}""", 0, "sizes of 0 or more")]
    [InlineData("""{"a":{"dtype":"U8","shape":[0,9223372036854775807,3],"data_offsets":[0,0]}}""", 0, "sizes of 0 or more")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}""", 4, "needs 4 bytes")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}""", 4, "expected JSON")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1]}}""", 4, "expected dtype, shape and two data_offsets")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":1}}""", 4, "found 'x'")]
    [InlineData("""{"a":[1]}""", 4, "an object")]
    [InlineData("""{"__metadata__":{"a":{}}}""", 0, "expected JSON")]
    [InlineData("""{"a\ud800":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 4, "expected JSON")]
    [InlineData("""{} {}""", 0, "expected JSON")]
    [InlineData("""[]""", 0, "an object")]
    public void A_bad_header_is_refused(string header, int dataBytes, string finding)
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("bad.safetensors", [.. BitConverter.GetBytes((long)header.Length), .. Encoding.UTF8.GetBytes(header), .. new byte[dataBytes]]);
        var refusal = Assert.Throws<ModelFormatException>(() => SafetensorsFile.Open(path));
        Assert.Contains("bad.safetensors", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(finding, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_file_is_not_a_format_error() =>
        Assert.Throws<FileNotFoundException>(() => SafetensorsFile.Open("nowhere.safetensors"));

    [Fact]
    public void A_missing_tensor_is_named()
    {
        using var checkpoint = SafetensorsFile.Open(Golden.File("loader", "variants.safetensors"));
        Assert.Contains("'nothing'", Assert.Throws<ModelFormatException>(() => { checkpoint.Data("nothing", out _); }).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Data_is_aligned_to_its_element_size_even_where_the_file_is_not()
    {
        const string Header = """{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"F32","shape":[2],"data_offsets":[1,9]}}""";
        using var folder = new TemporaryFolder();
        var path = folder.Write("odd.safetensors", [.. BitConverter.GetBytes((long)Header.Length), .. Encoding.UTF8.GetBytes(Header), 7, 0, 0, 128, 63, 0, 0, 0, 64]);
        using var checkpoint = SafetensorsFile.Open(path);
        var bytes = checkpoint.Data("b", out var address);
        Assert.Equal(0u, (nuint)address % 4);
        Assert.Equal([1f, 2f], new ReadOnlySpan<float>(address, 2).ToArray());
        Assert.Equal(8, bytes.Length);
        checkpoint.Data("b", out var again);
        Assert.True(address == again);
    }

    [Fact]
    public void After_disposal_data_is_refused()
    {
        var checkpoint = SafetensorsFile.Open(Golden.File("loader", "variants.safetensors"));
        checkpoint.Dispose();
        Assert.Throws<ObjectDisposedException>(() => { checkpoint.Data(checkpoint.Tensors.Keys.First(), out _); });
    }
}
