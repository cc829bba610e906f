using System.Text;
using RwkvSk.Engine.Tokenization;
using RwkvSk.Trainer.Data;
using Xunit;

namespace RwkvSk.Samples.Tests.Data;

public class VocabularyBuilderTests(ITestOutputHelper output)
{
    private static readonly IReadOnlyList<byte[]> Pieces = VocabularyBuilder.Choose(Samples.Segments(1, 2000));

    [Fact]
    public void The_single_bytes_come_first_and_nothing_comes_twice()
    {
        Assert.Equal(1024, Pieces.Count);
        Assert.All(Enumerable.Range(0, 256), b => Assert.Equal([(byte)b], Pieces[b]));
        Assert.Equal(Pieces.Count, Pieces.Select(Convert.ToHexString).Distinct().Count());
        Assert.Equal(Pieces.Skip(256).Select(p => p.Length).Order(), Pieces.Skip(256).Select(p => p.Length));
        output.WriteLine(string.Join('\n', Pieces.Skip(256).Select(p => LiteralWriter.Of(p))));
    }

    [Fact]
    public void Every_row_comes_back_from_its_tokens()
    {
        var tokenizer = Samples.Tokenizer;
        Assert.All(Samples.Segments(5, 200), s => Assert.Equal(s, tokenizer.Decode(tokenizer.Encode(s))));
    }

    [Fact]
    public void A_turn_ends_on_one_token()
    {
        Assert.Single(Samples.Tokenizer.Encode("\n\n"));
        Assert.All(Pieces.Skip(256).Select(p => Encoding.UTF8.GetString(p)), p => Assert.False(p.Contains('\n', StringComparison.Ordinal) && p.Any(char.IsAsciiLetter) && !p.Contains("```", StringComparison.Ordinal), p));
    }

    [Theory]
    [InlineData("frobnicate")]
    [InlineData("themes")]
    [InlineData("kitchen")]
    [InlineData("atlas")]
    [InlineData("Isolde")]
    [InlineData("island")]
    [InlineData("thermostat")]
    [InlineData("storage")]
    [InlineData("reddish")]
    [InlineData("Countess")]
    public void A_word_is_cut_alike_after_a_space_a_quote_and_an_underscore(string word)
    {
        var tokenizer = Samples.Tokenizer;
        var afterQuote = Strings(tokenizer, ":\"" + word + "\"", 2, 1);
        var afterUnderscore = Strings(tokenizer, "_" + word + "_", 1, 1);
        var afterSpace = Strings(tokenizer, "( " + word + "(", 1, 1);
        Assert.Equal(afterQuote, afterUnderscore);
        Assert.Equal(afterQuote, afterSpace[0] == " " ? afterSpace[1..] : [afterSpace[0][1..], .. afterSpace[1..]]);
    }

    private static string[] Strings(ITokenizer tokenizer, string text, int skip, int drop)
    {
        var pieces = tokenizer.Encode(text).Select(id => tokenizer.Decode([id])).ToArray();
        return pieces[skip..^drop];
    }
}
