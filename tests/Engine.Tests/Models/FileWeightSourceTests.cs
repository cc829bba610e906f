using RwkvSk.Engine.Models;
using RwkvSk.Engine.Weights;
using RwkvSk.TestKit;
using Xunit;
using static TorchSharp.torch;

namespace RwkvSk.Engine.Tests.Models;

/// <summary>Where a model's tensors lie, and what they cost.</summary>
public sealed unsafe class FileWeightSourceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public FileWeightSourceTests() => Assert.SkipWhen(LibTorch.Missing is not null, LibTorch.Missing ?? "");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("main_bf16.safetensors"), InlineData("main_bf16.pth")]
    public void Matrices_and_embeddings_in_the_wanted_type_are_not_copied(string name)
    {
        using var file = WeightFiles.Open(Golden.File("rwkv7", name));
        var source = new FileWeightSource(file, CPU, ScalarType.BFloat16);
        foreach (var info in file.Tensors.Values.Where(static info => info.Shape.Count == 2))
        {
            using var matrix = info.Name == "emb.weight" ? source.Table(info.Name, [.. info.Shape]) : source.Matrix(info.Name, [.. info.Shape]);
            file.Data(info.Name, out var stored);
            Assert.Equal(ScalarType.BFloat16, matrix.dtype);
            Assert.True(Address(matrix) == (nint)stored, $"'{info.Name}' was copied");
        }
    }

    [Fact]
    public void A_tensor_in_another_type_lets_go_of_what_it_was_made_from()
    {
        // Blocks of GGUF are unpacked to fp32 first; a bf16 matrix needs that copy no longer.
        var blocks = new byte[2 * 34];
        blocks[1] = blocks[35] = 0x3c;   // scale 1
        (blocks[2], blocks[36]) = (5, 7);
        using var file = new CountingFile(GgufFile.Open(_folder.Write("a.gguf", new GgufBuilder().Tensor("w", 8, [2, 32], blocks).Build())));
        using var wide = new FileWeightSource(file, CPU, ScalarType.Float32).Matrix("w", [2, 32]);
        Assert.Empty(file.Released);
        Assert.Equal(7f, wide[1, 0].item<float>());
        using var half = new FileWeightSource(file, CPU, ScalarType.BFloat16).Matrix("w", [2, 32]);
        Assert.Equal(["w"], file.Released);
        Assert.Equal(5f, half[0, 0].to(ScalarType.Float32).item<float>());
    }

    [Fact]
    public void A_released_copy_is_made_again_when_it_is_asked_for()
    {
        var fills = 0;
        using var copies = new PrivateCopies();
        for (var round = 0; round < 4; round++)
        {
            Assert.Equal([1, 2], copies.Get("a", 2, Fill, out _).ToArray());
            if (round % 2 == 1)
            {
                copies.Release("a");
            }
        }

        copies.Release("nothing");
        Assert.Equal(2, fills);

        void Fill(Span<byte> destination)
        {
            fills++;
            (destination[0], destination[1]) = (1, 2);
        }
    }

    [Fact]
    public void Only_what_is_known_may_be_left_over()
    {
        SafetensorsWriter.Write(_folder["a.safetensors"], new[] { "a.used", "a.norm.weight", "a.normal" }.Select(static name => SafetensorsTensor.From(name, [1], new float[] { 1 })));
        using var file = SafetensorsFile.Open(_folder["a.safetensors"]);
        var source = new FileWeightSource(file, CPU, ScalarType.Float32);
        var scope = new WeightScope(source)["a"];
        scope.Vector("used", 1).Dispose();
        scope.Skip("norm.");
        Assert.Contains("first 'a.normal'", Assert.Throws<ModelFormatException>(source.EnsureAllTaken).Message, StringComparison.Ordinal);
        scope.Skip("normal");
        source.EnsureAllTaken();
    }

    private static nint Address(Tensor tensor)
    {
        fixed (byte* start = tensor.bytes)
        {
            return (nint)start;
        }
    }

    private sealed class CountingFile(IWeightFile inner) : IWeightFile
    {
        public List<string> Released { get; } = [];

        public string Path => inner.Path;

        public IReadOnlyDictionary<string, WeightInfo> Tensors => inner.Tensors;

        public ReadOnlySpan<byte> Data(string name, out byte* address) => inner.Data(name, out address);

        // Counted and not done: the tensor of the first source still lies in the copy.
        public void Release(string name) => Released.Add(name);

        public void Dispose() => inner.Dispose();
    }
}
