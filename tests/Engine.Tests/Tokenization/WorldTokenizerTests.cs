using System.Text;
using System.Text.Json;
using RwkvSk.Engine.Tokenization;
using RwkvSk.TestKit;
using Xunit;

namespace RwkvSk.Engine.Tests.Tokenization;

public class WorldTokenizerTests
{
    private static readonly WorldTokenizer Small = SmallVocabulary.Tokenizer;

    private static readonly Lazy<WorldTokenizer?> World =
        new(() => Golden.TryFile(out var file, "tokenizer", "rwkv_vocab_v20230424.txt") ? WorldTokenizer.Load(file) : null);

    [Fact]
    public void Every_golden_text_gets_its_ids_and_its_bytes_back()
    {
        Assert.SkipWhen(World.Value is null, Golden.SkipReason("tokenizer", "rwkv_vocab_v20230424.txt"));
        var world = World.Value;
        var lines = File.ReadAllLines(Golden.File("tokenizer", "tokens.jsonl"));
        Assert.Equal(200, lines.Length);
        foreach (var line in lines)
        {
            using var json = JsonDocument.Parse(line);
            var text = json.RootElement.GetProperty("bytes_base64").GetBytesFromBase64();
            var expected = json.RootElement.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32());

            var ids = Encode(world, text);

            Assert.Equal(expected, ids);
            Assert.Equal(text, Bytes(world, ids));
        }
    }

    [Fact]
    public void The_World_vocabulary_has_the_published_table()
    {
        Assert.SkipWhen(World.Value is null, Golden.SkipReason("tokenizer", "rwkv_vocab_v20230424.txt"));
        var world = World.Value;

        Assert.Equal(65530, world.VocabularySize);
        Assert.Equal("1e6e1adc8d10aeee528862d6d6ce66db9c4ae254a7e6636f81cd6765ca053219", Convert.ToHexStringLower(world.Fingerprint));
        Assert.Equal("\n\n"u8, world.BytesOf(261));
        Assert.Equal("User"u8, world.BytesOf(24281));
        Assert.Equal(128, world.BytesOf(65529).Length);
        Assert.True(world.BytesOf(0).IsEmpty);
        Assert.True(world.BytesOf(65530).IsEmpty);
    }

    [Theory]
    [InlineData("User: 你好\n\nAssistant: <think", "24281 59 33 10464 11685 261 5585 41693 59 295 35762")]
    [InlineData("Hello world! 1234567890 😀", "33155 40213 34 3485 654 676 698 710 33 3319 153 129")]
    [InlineData("a  b", "98 267 99")]
    public void World_prompts_get_the_published_ids(string text, string expected)
    {
        Assert.SkipWhen(World.Value is null, Golden.SkipReason("tokenizer", "rwkv_vocab_v20230424.txt"));

        Assert.Equal(expected, string.Join(' ', World.Value.Encode(text)));
    }

    [Fact]
    public void Any_bytes_come_back_as_they_were()
    {
        var random = new Random(1);
        for (var round = 0; round < 2000; round++)
        {
            var bytes = RandomBytes(random);

            Assert.Equal(bytes, Bytes(Small, Encode(Small, bytes)));
        }
    }

    [Fact]
    public void Every_token_is_the_longest_that_fits()
    {
        var tokens = Enumerable.Range(0, Small.VocabularySize).Select(id => Small.BytesOf(id).ToArray()).Where(token => token.Length > 0).ToArray();
        var random = new Random(2);
        for (var round = 0; round < 500; round++)
        {
            var bytes = RandomBytes(random);
            var rest = bytes.AsMemory();
            foreach (var id in Encode(Small, bytes))
            {
                var longest = tokens.Where(token => rest.Span.StartsWith(token)).Max(token => token.Length);

                Assert.Equal(longest, Small.BytesOf(id).Length);
                Assert.True(rest.Span.StartsWith(Small.BytesOf(id)));
                rest = rest[longest..];
            }
        }
    }

    [Fact]
    public void Line_endings_do_not_matter()
    {
        foreach (var newLine in new[] { "\n", "\r\n" })
        {
            foreach (var endsInNewLine in new[] { true, false })
            {
                var tokenizer = WorldTokenizer.Parse(SmallVocabulary.File(newLine, endsInNewLine), "vocabulary");

                Assert.Equal(SmallVocabulary.Size, tokenizer.VocabularySize);
                Assert.Equal(Small.Fingerprint, tokenizer.Fingerprint);
            }
        }
    }

    [Fact]
    public void Literals_are_read_as_Python_reads_them()
    {
        for (var i = 0; i < SmallVocabulary.LongTokens.Count; i++)
        {
            Assert.Equal(SmallVocabulary.LongTokens[i], Small.BytesOf(257 + i).ToArray());
        }
    }

    [Fact]
    public void Ids_without_bytes_are_empty_and_never_produced()
    {
        var sparse = Vocabulary("1000 'far' 3");

        Assert.Equal(1001, sparse.VocabularySize);
        Assert.True(sparse.BytesOf(0).IsEmpty);
        Assert.True(sparse.BytesOf(999).IsEmpty);
        Assert.True(sparse.BytesOf(-1).IsEmpty);
        Assert.True(sparse.BytesOf(1001).IsEmpty);
        Assert.True(sparse.BytesOf(int.MaxValue).IsEmpty);
        Assert.Equal([1000], sparse.Encode("far"));
    }

    [Fact]
    public void Another_vocabulary_has_another_fingerprint()
    {
        var print = Fingerprint("257 'ab' 2");

        Assert.Equal(print, Fingerprint("257 \"ab\" 2"));
        Assert.NotEqual(print, Fingerprint("257 'ba' 2"));
        Assert.NotEqual(print, Fingerprint("258 'ab' 2"));
    }

    [Fact]
    public void A_large_vocabulary_of_random_tokens_still_matches_greedily()
    {
        // Many siblings and many long tails: exercises the placement of trie nodes.
        var random = new Random(4);
        var tokens = new Dictionary<string, int>();
        var lines = new List<string>();
        for (var id = 257; id < 20_000; id++)
        {
            var token = new byte[random.Next(2, 9)];
            random.NextBytes(token);
            for (var i = 0; i < token.Length; i++)
            {
                token[i] &= (byte)(i == 0 ? 0xFF : 0x07);
            }

            if (tokens.TryAdd(Convert.ToHexString(token), id))
            {
                lines.Add(SmallVocabulary.Line(id, token));
            }
        }

        var tokenizer = Vocabulary([.. lines]);
        for (var round = 0; round < 300; round++)
        {
            var bytes = new byte[random.Next(60)];
            random.NextBytes(bytes);
            bytes = Array.ConvertAll(bytes, value => random.Next(6) == 0 ? value : (byte)(value & 7));

            var at = 0;
            foreach (var id in Encode(tokenizer, bytes))
            {
                var longest = Enumerable.Range(1, Math.Min(8, bytes.Length - at)).Last(n => n == 1 || tokens.ContainsKey(Convert.ToHexString(bytes, at, n)));
                Assert.Equal(bytes.AsSpan(at, longest), tokenizer.BytesOf(id));
                at += longest;
            }

            Assert.Equal(bytes.Length, at);
        }
    }

    [Theory]
    [InlineData("257 'ab' 3", "token 257 has 2 bytes, and the line says 3")]
    [InlineData("5 'ab' 2", "id 5 appears for the second time")]
    [InlineData("257 'A' 1", "ids 66 and 257 are the same token")]
    [InlineData("257 'ab'", "line 257: expected an id")]
    [InlineData("257", "line 257: expected an id")]
    [InlineData("x 'ab' 2", "line 257: expected an id")]
    [InlineData("-7 'ab' 2", "id -7 is outside")]
    [InlineData("99999999 'ab' 2", "id 99999999 is outside")]
    [InlineData("257 '' 0", "token 257 has 0 bytes")]
    [InlineData("257 'ab\" 2", "same quote")]
    [InlineData("257 'a'b' 3", "not escaped")]
    [InlineData("257 'ab\\' 2", "backslash")]
    [InlineData("257 '\\q' 2", "\\q is not known")]
    [InlineData("257 '\\x4' 1", "2 hexadecimal digits")]
    [InlineData("257 '\\ud800' 3", "U+D800 is no character")]
    [InlineData("257 b'é' 2", "ASCII")]
    [InlineData("257 b'\\u0041' 6", "not known")]
    [InlineData("257 f'ab' 2", "same quote")]
    [InlineData("257 __import__('os') 2", "same quote")]
    public void A_broken_line_is_refused_by_name_and_place(string line, string expected)
    {
        var error = Assert.Throws<ModelFormatException>(() => Vocabulary(line));

        Assert.StartsWith("vocabulary", error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_vocabulary_that_cannot_encode_every_byte_is_refused()
    {
        Assert.Contains("0x00", Assert.Throws<ModelFormatException>(() => WorldTokenizer.Parse("1 'a' 1"u8, "vocabulary")).Message, StringComparison.Ordinal);
        Assert.Contains("no token", Assert.Throws<ModelFormatException>(() => WorldTokenizer.Parse(""u8, "vocabulary")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Encoding_allocates_nothing_but_the_output()
    {
        var text = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("Hello world, there and 你好 😀\n\n", 100)));
        var ids = new List<int>(text.Length);
        Small.Encode(text, ids);
        ids.Clear();
        var before = GC.GetAllocatedBytesForCurrentThread();

        Small.Encode(text, ids);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static WorldTokenizer Vocabulary(params string[] extraLines)
    {
        var singles = Enumerable.Range(0, 256).Select(value => SmallVocabulary.Line(value + 1, [(byte)value]));
        return WorldTokenizer.Parse(Encoding.UTF8.GetBytes(string.Join('\n', singles.Concat(extraLines))), "vocabulary");
    }

    private static string Fingerprint(string line) => Convert.ToHexString(Vocabulary(line).Fingerprint);

    private static List<int> Encode(WorldTokenizer tokenizer, byte[] bytes)
    {
        var ids = new List<int>();
        tokenizer.Encode(bytes, ids);
        return ids;
    }

    private static byte[] Bytes(WorldTokenizer tokenizer, IEnumerable<int> ids) => [.. ids.SelectMany(id => tokenizer.BytesOf(id).ToArray())];

    // Pieces of the vocabulary and noise, so that matches, near misses and rubbish all occur.
    private static byte[] RandomBytes(Random random)
    {
        var bytes = new List<byte>();
        for (var i = random.Next(12); i > 0; i--)
        {
            var token = SmallVocabulary.LongTokens[random.Next(SmallVocabulary.LongTokens.Count)];
            bytes.AddRange(random.Next(3) switch
            {
                0 => token,
                1 => token[..random.Next(token.Length)],
                _ => [(byte)random.Next(256)],
            });
        }

        return [.. bytes];
    }
}
