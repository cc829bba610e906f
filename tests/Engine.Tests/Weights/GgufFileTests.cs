using System.Buffers.Binary;
using System.Runtime.InteropServices;
using RwkvSk.Engine.Tokenization;
using RwkvSk.Engine.Weights;
using RwkvSk.TestKit;
using Xunit;

namespace RwkvSk.Engine.Tests.Weights;

public sealed unsafe class GgufFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Shapes_are_turned_round_and_plain_data_stays_in_the_file()
    {
        float[] values = [1, 2, 3, 4, 5, 6];
        using var file = Open(new GgufBuilder().Tensor("a", 0, [2, 3], MemoryMarshal.AsBytes<float>(values).ToArray()).Tensor("b", 30, [2], [0x80, 0x3f, 0, 0xc0]));
        Assert.Equal([2, 3], file.Tensors["a"].Shape);
        Assert.Equal(values, file.Floats("a"));
        Assert.Equal([1f, -2f], file.Floats("b"));
        Assert.Equal(WeightType.BFloat16, file.Tensors["b"].Type);
        file.Data("a", out var a);
        file.Data("b", out var b);
        Assert.Equal(32, b - a);
    }

    [Fact]
    public void Q8_0_is_unpacked_to_scale_times_integer()
    {
        var random = new Random(8);
        var blocks = new byte[2 * 3 * 34];
        var expected = new float[2 * 96];
        for (var block = 0; block < 6; block++)
        {
            var scale = (Half)(random.NextDouble() / 100);
            BinaryPrimitives.WriteHalfLittleEndian(blocks.AsSpan(block * 34), scale);
            for (var i = 0; i < 32; i++)
            {
                var q = (sbyte)random.Next(-127, 128);
                blocks[(block * 34) + 2 + i] = (byte)q;
                expected[(block * 32) + i] = (float)scale * q;
            }
        }

        using var file = Open(new GgufBuilder().Tensor("w", 8, [2, 96], blocks));
        Assert.Equal((WeightType.Float32, 2L * 96), (file.Tensors["w"].Type, file.Tensors["w"].Count));
        Assert.Equal(expected, file.Floats("w"));
        file.Data("w", out var once);
        file.Data("w", out var twice);
        Assert.True(once == twice);
    }

    // Number i of a block holds the quantum (i * 5 + 3) mod 2^bits, so that every nibble and every fifth bit has its own value.
    [Theory]
    [InlineData(2, 4, false, -8)]
    [InlineData(3, 4, true, 0)]
    [InlineData(6, 5, false, -16)]
    [InlineData(7, 5, true, 0)]
    public void Smaller_blocks_are_unpacked_to_scale_times_quantum_plus_offset(uint code, int bits, bool hasMinimum, int zero)
    {
        const float Scale = 0.5f, Minimum = -3.25f;
        var quanta = Enumerable.Range(0, 32).Select(i => ((i * 5) + 3) & ((1 << bits) - 1)).ToArray();
        using var block = new MemoryStream();
        using var writer = new BinaryWriter(block);
        writer.Write((Half)Scale);
        if (hasMinimum)
        {
            writer.Write((Half)Minimum);
        }

        if (bits == 5)
        {
            writer.Write(quanta.Select(static (quantum, i) => (uint)(quantum >> 4) << i).Aggregate(static (a, b) => a | b));
        }

        for (var i = 0; i < 16; i++)
        {
            writer.Write((byte)((quanta[i] & 15) | ((quanta[i + 16] & 15) << 4)));
        }

        using var file = Open(new GgufBuilder().Tensor("w", code, [32], block.ToArray()));
        Assert.Equal(quanta.Select(quantum => ((quantum + zero) * Scale) + (hasMinimum ? Minimum : 0)), file.Floats("w"));
    }

    [Fact]
    public void Metadata_is_read()
    {
        using var file = Open(new GgufBuilder().Add("general.architecture", "rwkv7").Add("rwkv7.wkv.head_size", 64u).Add("x.f", 1.5f).Add("x.b", true).Add("x.s", new[] { "a", "é" }).Add("x.i", new[] { -1, 2 }));
        Assert.Equal(("rwkv7", 64L), (file.Architecture, file.Number("wkv.head_size")));
        Assert.Null(file.Number("nothing"));
        Assert.Equal(1.5, file.Metadata["x.f"]);
        Assert.Equal(true, file.Metadata["x.b"]);
        Assert.Equal(["a", "é"], (string[])file.Metadata["x.s"]);
        Assert.Equal([-1L, 2L], (long[])file.Metadata["x.i"]);
    }

    [Fact]
    public void Its_vocabulary_is_a_World_vocabulary()
    {
        // As llama.cpp's converter writes them: Python's repr of the bytes without its quotes.
        string[] bytes = [.. Enumerable.Range(0, 256).Select(static i => i switch { 9 => "\\t", 10 => "\\n", 13 => "\\r", '\\' => "\\\\", '\'' => "\\'", < 32 or >= 127 => $"\\x{i:x2}", _ => ((char)i).ToString() })];
        string[] tokens = ["<s>", .. bytes, "\\n\\n", "\\xe4\\xbd\\xa0", "[PAD259]"];
        int[] types = [3, .. Enumerable.Repeat(1, 258), 5];
        using var file = Open(new GgufBuilder().Add("tokenizer.ggml.model", "rwkv").Add("tokenizer.ggml.tokens", tokens).Add("tokenizer.ggml.token_type", types));
        var tokenizer = WorldTokenizer.Parse(GgufVocabulary.WorldFile(file)!, "model.gguf");
        var ids = new List<int>();
        tokenizer.Encode("a\n\n\u4f60'\\"u8, ids);
        Assert.Equal(['a' + 1, 257, 258, '\'' + 1, '\\' + 1], ids);
        Assert.Equal(259, tokenizer.VocabularySize);
    }

    [Fact]
    public void A_file_without_a_vocabulary_brings_none()
    {
        using var file = Open(new GgufBuilder());
        Assert.Null(GgufVocabulary.WorldFile(file));
    }

    [Theory]
    [InlineData("\\")]
    [InlineData("a\\x4")]
    [InlineData("\\xzz")]
    public void An_incomplete_escape_is_refused(string token)
    {
        using var file = Open(new GgufBuilder().Add("tokenizer.ggml.model", "rwkv").Add("tokenizer.ggml.tokens", new[] { "<s>", token }));
        Assert.Contains("incomplete escape", Assert.Throws<ModelFormatException>(() => GgufVocabulary.WorldFile(file)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_architecture_is_refused_by_name()
    {
        var path = _folder.Write("llama.gguf", new GgufBuilder().Add("general.architecture", "llama").Build());
        Assert.Contains("'llama'", Assert.Throws<ModelFormatException>(() => WeightFiles.Open(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        AssertRefused(new GgufBuilder(version: 1), "version 1");
        AssertRefused(new GgufBuilder().Tensor("w", 12, [256], new byte[144]), "Q4_K");
        AssertRefused(new GgufBuilder().Tensor("w", 99, [1], new byte[4]), "number 99");
        AssertRefused(new GgufBuilder().Tensor("w", 8, [33], new byte[68]), "whole blocks");
        AssertRefused(new GgufBuilder().Tensor("w", 0, [5], new byte[16]), "cut short");
        AssertRefused(new GgufBuilder().Tensor("w", 0, [1L << 40], []), "elements along an axis");
        AssertRefused(new GgufBuilder().Tensor("w", 0, [1L << 30, 1L << 30], []), "at most");
        AssertRefused(new GgufBuilder().Tensor("w", 0, [1, 1, 1, 1, 1], new byte[4]), "5 axes");
        AssertRefused(new GgufBuilder().Tensor("w", 0, [1], new byte[4]).Tensor("w", 0, [1], new byte[4]), "two tensors 'w'");
        AssertRefused(new GgufBuilder().Add("a", 1u).Add("a", 2u), "key 'a' twice");
        AssertRefused(new GgufBuilder().Add("general.alignment", 24u), "power of two");
    }

    [Fact]
    public void A_damaged_file_opens_or_is_refused()
    {
        var random = new Random(3);
        var blocks = new byte[4 * 34];
        random.NextBytes(blocks);
        var bytes = new GgufBuilder().Add("general.architecture", "rwkv7").Add("rwkv7.wkv.head_size", 4u).Add("tokenizer.ggml.tokens", new[] { "<s>", "a" }).Add("tokenizer.ggml.token_type", new[] { 3, 1 })
            .Tensor("token_embd.weight", 0, [4, 4], new byte[64]).Tensor("blk.0.time_mix_r_k.weight", 30, [4], new byte[8]).Tensor("blk.0.time_mix_w1.weight", 1, [2, 4], new byte[16])
            .Tensor("output.weight", 8, [2, 64], blocks).Tensor("blk.0.time_mix_lerp_fused.weight", 0, [6, 1, 1, 4], new byte[96]).Build();
        DamagedFileTests.Fuzz(static path => CheckpointNames.Canonical(GgufFile.Open(path)), [(bytes, ..^300)]);
    }

    private GgufFile Open(GgufBuilder builder) => GgufFile.Open(_folder.Write("a.gguf", builder.Build()));

    private void AssertRefused(GgufBuilder builder, string finding)
    {
        var refusal = Assert.Throws<ModelFormatException>(() => Open(builder)).Message;
        Assert.Contains("a.gguf", refusal, StringComparison.Ordinal);
        Assert.Contains(finding, refusal, StringComparison.Ordinal);
    }
}
