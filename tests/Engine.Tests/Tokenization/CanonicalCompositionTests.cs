using System.Text;
using RwkvSk.Engine.Tokenization;
using RwkvSk.TestKit;
using Xunit;

namespace RwkvSk.Engine.Tests.Tokenization;

public class CanonicalCompositionTests
{
    [Fact]
    public void Composed_text_equals_the_reference()
    {
        // Pairs of text and its NFC, both UTF-8 in hexadecimal, by Python's unicodedata (Unicode 14).
        var lines = File.ReadAllLines(Golden.File("tokenizer", "nfc.txt"));
        Assert.Equal(1400, lines.Length);
        foreach (var line in lines)
        {
            var (text, expected) = (line.Split(' ')[0], line.Split(' ')[1]);

            Assert.Equal(expected, Convert.ToHexStringLower(CanonicalComposition.Compose(Convert.FromHexString(text))));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("plain")]
    [InlineData("é ü ß")]
    [InlineData("你好, мир, 한국어, 😀")]
    public void Composed_text_is_returned_as_it_is(string text)
    {
        var utf8 = Encoding.UTF8.GetBytes(text);

        Assert.True(CanonicalComposition.Compose(utf8) == utf8.AsSpan());
    }

    [Fact]
    public void Composing_twice_changes_nothing()
    {
        foreach (var line in File.ReadLines(Golden.File("tokenizer", "nfc.txt")))
        {
            var once = CanonicalComposition.Compose(Convert.FromHexString(line.Split(' ')[0])).ToArray();

            Assert.Equal(once, CanonicalComposition.Compose(once).ToArray());
        }
    }
}
