using System.Text;
using System.Text.Json.Nodes;
using RwkvSk.Engine.Tokenization;
using Xunit;

namespace RwkvSk.Engine.Tests.Tokenization;

public class BpeTokenizerTests
{
    private static readonly BpeTokenizer Small = SmallBpe.Tokenizer;

    [Theory]
    [InlineData("the", "the")]
    [InlineData(" the", "Ġthe")]
    [InlineData("Hello world", "Hello Ġworld")]
    [InlineData("café", "cafÃ©")]
    [InlineData("thing", "th ing")]
    [InlineData("aaaaaaa", "aaaa aaa")]
    [InlineData("\n\n", "ĊĊ")]
    [InlineData("123's", "123 's")]
    public void Merges_apply_in_the_order_they_were_learnt(string text, string expected) =>
        Assert.Equal(expected.Split(' ').Select(SmallBpe.IdOf), Small.Encode(text));

    [Fact]
    public void Pieces_of_random_bytes_equal_the_plain_algorithm()
    {
        var random = new Random(1);
        var letters = "thein gadHlowrcf\u0120aaa12"u8.ToArray();
        for (var round = 0; round < 300; round++)
        {
            // Letters alone, so that the text is one piece.
            var text = Enumerable.Range(0, random.Next(1, 20)).Select(_ => letters[random.Next(letters.Length)]).Where(value => char.IsAsciiLetter((char)value)).ToArray();

            Assert.Equal(SmallBpe.Plain(text), Encode(text));
        }
    }

    [Fact]
    public void Bytes_without_a_token_become_the_replacement_character()
    {
        Assert.Equal("the\uFFFD\uFFFDthe"u8, Bytes(Encode([.. "the"u8, 0xC0, 0xFF, .. "the"u8])));
        Assert.Equal([0x80, .. "\uFFFD"u8, 0xE4, 0xBD], Bytes(Encode([0x80, 0xF5, 0xE4, 0xBD])));
    }

    [Fact]
    public void Any_bytes_come_back_as_they_were()
    {
        var random = new Random(2);
        string[] parts = ["the", " and", "é", "你好", "😀", "  ", "    ", "\n\n", "'s", "12345", "\0", "한국", "!?"];
        for (var round = 0; round < 1000; round++)
        {
            var bytes = new List<byte>();
            for (var i = random.Next(10); i > 0; i--)
            {
                var part = Encoding.UTF8.GetBytes(parts[random.Next(parts.Length)]);
                bytes.AddRange(random.Next(4) == 0 ? [(byte)random.Next(0xC2, 0xF5)] : random.Next(8) == 0 ? [(byte)random.Next(0xC0)] : part);
            }

            var text = bytes.ToArray();
            Assert.Equal(text, Bytes(Encode(text)));
        }
    }

    [Fact]
    public void Added_tokens_are_cut_out_first_and_the_longest_wins()
    {
        var spaces = SmallBpe.Json()["added_tokens"]!.AsArray().Skip(2).Select(token => token!["id"]!.GetValue<int>()).ToArray();
        var (four, three, two) = (spaces[0], spaces[1], spaces[2]);

        Assert.Equal([SmallBpe.IdOf("the"), 0, SmallBpe.IdOf("the")], Small.Encode("the<|endoftext|>the"));
        Assert.Equal([four, two, .. Small.Encode("the")], Small.Encode("      the"));
        Assert.Equal([three, .. Small.Encode("the")], Small.Encode("   the"));
        Assert.Equal([.. Small.Encode(" the")], Small.Encode(" the"));
    }

    [Fact]
    public void Special_tokens_have_no_bytes_and_other_added_tokens_do()
    {
        Assert.True(Small.BytesOf(0).IsEmpty);
        Assert.True(Small.BytesOf(1).IsEmpty);
        Assert.True(Small.BytesOf(-1).IsEmpty);
        Assert.True(Small.BytesOf(Small.VocabularySize).IsEmpty);
        Assert.Equal("  ", Encoding.UTF8.GetString(Small.BytesOf(Small.VocabularySize - 1)));
    }

    [Fact]
    public void Decomposed_text_is_composed_first()
    {
        Assert.Equal(Small.Encode("café"), Small.Encode("cafe\u0301"));
        Assert.Equal("café", Small.Decode(Small.Encode("cafe\u0301")));
    }

    [Fact]
    public void Without_a_normalizer_text_stays_as_it_is()
    {
        var json = SmallBpe.Json();
        json["normalizer"] = null;

        var plain = SmallBpe.Parse(json);

        Assert.Equal("cafe\u0301", plain.Decode(plain.Encode("cafe\u0301")));
        Assert.NotEqual(Convert.ToHexString(Small.Fingerprint), Convert.ToHexString(plain.Fingerprint));
    }

    [Fact]
    public void Merges_may_be_written_as_pairs()
    {
        var json = SmallBpe.Json();
        var pairs = json["model"]!["merges"]!.AsArray().Select(merge => new JsonArray([.. merge!.GetValue<string>().Split(' ').Select(part => (JsonNode)part)]));
        json["model"]!["merges"] = new JsonArray([.. pairs]);

        Assert.Equal(Small.Encode("Hello world and the thing"), SmallBpe.Parse(json).Encode("Hello world and the thing"));
    }

    [Fact]
    public void A_long_piece_is_encoded_in_reasonable_time()
    {
        // Merging by searching the whole piece again and again would take hours.
        var text = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("theanding", 20_000)));

        Assert.Equal(text, Bytes(Encode(text)));
    }

    [Theory]
    [InlineData("model", "type", "Unigram", "expected 'BPE'")]
    [InlineData("model", "byte_fallback", true, "'byte_fallback' is true")]
    [InlineData("model", "dropout", 0.1, "'dropout' is 0.1")]
    [InlineData("model", "end_of_word_suffix", "</w>", "'end_of_word_suffix'")]
    [InlineData("normalizer", "type", "Lowercase", "expected 'NFC'")]
    [InlineData("pre_tokenizer", "type", "Metaspace", "expected 'ByteLevel'")]
    [InlineData("pre_tokenizer", "add_prefix_space", true, "'add_prefix_space' is true")]
    [InlineData("pre_tokenizer", "use_regex", false, "does not split words")]
    public void A_file_that_asks_for_other_steps_is_refused(string section, string name, object value, string expected)
    {
        var json = SmallBpe.Json();
        json[section]![name] = JsonValue.Create(value);

        var error = Assert.Throws<ModelFormatException>(() => SmallBpe.Parse(json));

        Assert.StartsWith("tokenizer.json", error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_file_is_refused()
    {
        Refused(_ => "{ not json"u8.ToArray());
        Refused(_ => "[]"u8.ToArray());
        Refused(json => Without(json, "model"));
        Refused(json => Without(json["model"]!.AsObject(), "merges", json));
        Refused(json => Without(json["model"]!["vocab"]!.AsObject(), "A", json));
        Refused(json => With(json, json["model"]!["merges"]!.AsArray(), "x y z"));
        Refused(json => With(json, json["model"]!["merges"]!.AsArray(), "q q"));
        Refused(json =>
        {
            json["model"]!["vocab"]!["A"] = 3;
            return Serialize(json);
        });
        Refused(json =>
        {
            json["model"]!["vocab"]!["A"] = -1;
            return Serialize(json);
        });

        static void Refused(Func<JsonObject, byte[]> damage) =>
            Assert.StartsWith("tokenizer.json is no", Assert.Throws<ModelFormatException>(() => BpeTokenizer.Parse(damage(SmallBpe.Json()), "tokenizer.json")).Message, StringComparison.Ordinal);
        static byte[] Without(JsonObject part, string name, JsonObject? whole = null)
        {
            Assert.True(part.Remove(name));
            return Serialize(whole ?? part);
        }

        static byte[] With(JsonObject whole, JsonArray list, string entry)
        {
            list.Add(entry);
            return Serialize(whole);
        }

        static byte[] Serialize(JsonObject json) => Encoding.UTF8.GetBytes(json.ToJsonString());
    }

    private static List<int> Encode(byte[] bytes)
    {
        var ids = new List<int>();
        Small.Encode(bytes, ids);
        return ids;
    }

    private static byte[] Bytes(IEnumerable<int> ids) => [.. ids.SelectMany(id => Small.BytesOf(id).ToArray())];
}
