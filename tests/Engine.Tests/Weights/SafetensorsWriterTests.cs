using RwkvSk.Engine.Weights;
using RwkvSk.TestKit;
using Xunit;

namespace RwkvSk.Engine.Tests.Weights;

public sealed class SafetensorsWriterTests
{
    [Fact]
    public void What_is_written_is_read_back_bit_for_bit()
    {
        using var folder = new TemporaryFolder();
        using (var original = SafetensorsFile.Open(Golden.File("loader", "expected.safetensors")))
        {
            SafetensorsWriter.Write(folder["copy.safetensors"], original.Tensors.Values.Select(info => SafetensorsTensor.From(original, info)));
        }

        using var copy = SafetensorsFile.Open(folder["copy.safetensors"]);
        LoaderExpectation.AssertSame(copy, "");
    }

    [Fact]
    public void Metadata_and_awkward_names_survive()
    {
        using var folder = new TemporaryFolder();
        float[] values = [1, float.NegativeInfinity, float.NaN];
        SafetensorsWriter.Write(
            folder["a.safetensors"],
            [SafetensorsTensor.From("日本\"\n", [3], values), SafetensorsTensor.From("scalar", [], new long[] { -5 }), SafetensorsTensor.From("none", [0, 7], Array.Empty<float>())],
            new Dictionary<string, string> { ["format"] = "pt", ["文"] = "{}" });

        using var file = SafetensorsFile.Open(folder["a.safetensors"]);
        Assert.Equal("pt", file.Metadata["format"]);
        Assert.Equal("{}", file.Metadata["文"]);
        Assert.Equal(values, file.Floats("日本\"\n"));
        Assert.Equal([-5f], file.Floats("scalar"));
        Assert.Empty(file.Floats("none"));
        Assert.Equal(values, GoldenTensors.Read(folder["a.safetensors"]).Floats("日本\"\n"));
    }

    [Fact]
    public void A_failed_write_leaves_the_old_file_and_nothing_else()
    {
        using var folder = new TemporaryFolder();
        SafetensorsWriter.Write(folder["a.safetensors"], [SafetensorsTensor.From("x", [1], new float[] { 1 })]);
        var before = File.ReadAllBytes(folder["a.safetensors"]);

        Assert.Throws<ArgumentException>(() => SafetensorsWriter.Write(folder["a.safetensors"], [SafetensorsTensor.From("x", [2], new float[] { 1 })]));
        Assert.Throws<IOException>(() => SafetensorsWriter.Write(
            folder["a.safetensors"], [new SafetensorsTensor("x", WeightType.Float32, [1], static _ => throw new IOException("disk full"))]));
        Assert.Throws<ArgumentException>(() => SafetensorsWriter.Write(
            folder["a.safetensors"], [SafetensorsTensor.From("x", [1], new float[1]), SafetensorsTensor.From("x", [1], new float[1])]));

        Assert.Equal(before, File.ReadAllBytes(folder["a.safetensors"]));
        Assert.Equal([folder["a.safetensors"]], Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void Mixed_element_sizes_stay_aligned()
    {
        using var folder = new TemporaryFolder();
        SafetensorsWriter.Write(folder["a.safetensors"],
        [
            SafetensorsTensor.From("byte", WeightType.UInt8, [3], new byte[3]),
            SafetensorsTensor.From("half", WeightType.BFloat16, [1], new byte[2]),
            SafetensorsTensor.From("float", [1], new float[1]),
            SafetensorsTensor.From("long", [1], new long[1]),
        ]);
        using var file = SafetensorsFile.Open(folder["a.safetensors"]);
        Assert.Equal(["long", "float", "half", "byte"], file.Tensors.Keys);
    }
}
