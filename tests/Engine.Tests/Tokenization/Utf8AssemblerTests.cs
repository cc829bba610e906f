using System.Text;
using RwkvSk.Engine.Tokenization;
using RwkvSk.TestKit;
using Xunit;

namespace RwkvSk.Engine.Tests.Tokenization;

public class Utf8AssemblerTests
{
    [Fact]
    public void Cutting_anywhere_gives_the_same_text()
    {
        var random = new Random(1);
        for (var round = 0; round < 2000; round++)
        {
            var bytes = RandomText(random);
            var assembler = new Utf8Assembler();
            var text = new StringBuilder();
            for (var at = 0; at < bytes.Length;)
            {
                var length = Math.Min(random.Next(0, 5), bytes.Length - at);
                text.Append(assembler.Append(bytes.AsSpan(at, length)));
                at += length;
            }

            text.Append(assembler.Flush());

            Assert.Equal(Encoding.UTF8.GetString(bytes), text.ToString());
        }
    }

    [Fact]
    public void Tokens_of_a_text_give_the_text()
    {
        var tokenizer = SmallVocabulary.Tokenizer;
        var random = new Random(2);
        for (var round = 0; round < 500; round++)
        {
            var bytes = RandomText(random);
            var ids = new List<int>();
            tokenizer.Encode(bytes, ids);
            var assembler = new Utf8Assembler();

            var text = string.Concat(ids.Select(id => assembler.Append(tokenizer.BytesOf(id)))) + assembler.Flush();

            Assert.Equal(Encoding.UTF8.GetString(bytes), text);
        }
    }

    [Fact]
    public void A_character_appears_with_its_last_byte()
    {
        var assembler = new Utf8Assembler();

        Assert.Equal("", assembler.Append([0xF0]));
        Assert.Equal("", assembler.Append([0x9F, 0x98]));
        Assert.Equal("😀", assembler.Append([0x80]));
        Assert.Equal("", assembler.Flush());
    }

    [Fact]
    public void No_more_than_three_bytes_wait()
    {
        var random = new Random(3);
        for (var round = 0; round < 500; round++)
        {
            var bytes = RandomText(random);
            var assembler = new Utf8Assembler();

            var text = string.Concat(bytes.Select(value => assembler.Append([value])));

            // All but the last three bytes, at least, are in the text already.
            var certain = Enumerable.Range(0, 4).Select(waiting => Encoding.UTF8.GetString(bytes, 0, Math.Max(0, bytes.Length - waiting)));
            Assert.Contains(text, certain);
        }
    }

    [Theory]
    [InlineData(new byte[] { 0xFF })]
    [InlineData(new byte[] { 0xC0 })]
    [InlineData(new byte[] { 0x80 })]
    [InlineData(new byte[] { 0xED, 0xA0 })]
    [InlineData(new byte[] { 0xF5 })]
    public void What_can_never_be_a_character_does_not_wait(byte[] bytes)
    {
        var text = new Utf8Assembler().Append(bytes);

        Assert.NotEmpty(text);
        Assert.All(text, character => Assert.Equal('\uFFFD', character));
    }

    [Fact]
    public void An_unfinished_character_is_replaced_at_the_end_and_forgotten()
    {
        var assembler = new Utf8Assembler();
        assembler.Append([0xE4, 0xBD]);

        Assert.Equal("\uFFFD", assembler.Flush());
        Assert.Equal("a", assembler.Append("a"u8));
    }

    private static byte[] RandomText(Random random)
    {
        var bytes = new List<byte>();
        string[] pieces = ["a", "é", "你", "😀", "\0", "\uFFFD", "\u07FF", "\uFFFF", "\U0010FFFF"];
        for (var i = random.Next(10); i > 0; i--)
        {
            var piece = Encoding.UTF8.GetBytes(pieces[random.Next(pieces.Length)]);
            bytes.AddRange(random.Next(4) switch
            {
                0 => piece[..random.Next(piece.Length)],
                1 => [(byte)random.Next(128, 256)],
                _ => piece,
            });
        }

        return [.. bytes];
    }
}
