using System.Text;
using System.Text.RegularExpressions;
using RwkvSk.Engine.Tokenization;
using Xunit;

namespace RwkvSk.Engine.Tests.Tokenization;

public partial class WordSplitterTests
{
    [Theory]
    [InlineData("Hello world", "Hello| world")]
    [InlineData("it's we'll you're I've I'm he'd can't", "it|'s| we|'ll| you|'re| I|'ve| I|'m| he|'d| can|'t")]
    [InlineData("IT'S", "IT|'|S")]
    [InlineData("a  b", "a| | b")]
    [InlineData("a \n\n b", "a| \n\n| b")]
    [InlineData("a\n\nb", "a|\n|\n|b")]
    [InlineData("end   ", "end|   ")]
    [InlineData("x=12+3.5", "x|=|12|+|3|.|5")]
    [InlineData(" 12 !? ", " 12| !?| ")]
    [InlineData("naïve café", "naïve| café")]
    [InlineData("你好，世界", "你好|，|世界")]
    [InlineData("𝒳𝓎 𐍈", "𝒳𝓎| 𐍈")]
    [InlineData("😀😀 ok", "😀😀| ok")]
    [InlineData("\u00a0\u3000x", "\u00a0|\u3000|x")]
    public void Pieces_are_the_published_ones(string text, string expected) => Assert.Equal(expected, string.Join('|', Split(text)));

    [Fact]
    public void Pieces_equal_those_of_the_regular_expression()
    {
        // .NET's expressions know no code points past the basic plane, so those are left out here.
        string[] parts = ["a", "Z", "é", "你", "1", "٣", "Ⅳ", " ", " ", "\n", "\t", "\u00a0", "\u2028", "\u0085", "'", "'s", "'ll", "'re", "!", "_", "\u0301", "\u200b", "\0"];
        var random = new Random(1);
        for (var round = 0; round < 3000; round++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(1, 15)).Select(_ => parts[random.Next(parts.Length)]));

            Assert.Equal(Words().Matches(text).Select(match => match.Value), Split(text));
        }
    }

    private static List<string> Split(string text)
    {
        var pieces = new List<string>();
        for (var rest = Encoding.UTF8.GetBytes(text).AsSpan(); !rest.IsEmpty;)
        {
            var length = WordSplitter.FirstPiece(rest);
            pieces.Add(Encoding.UTF8.GetString(rest[..length]));
            rest = rest[length..];
        }

        return pieces;
    }

    [GeneratedRegex(@"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+")]
    private static partial Regex Words();
}
