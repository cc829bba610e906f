using System.Text.RegularExpressions;
using RwkvSk.Engine.Constraints.Patterns;
using Xunit;

namespace RwkvSk.Engine.Tests.Constraints;

public class PatternTests
{
    private static readonly string[] Alphabet = ["a", "b", "c", "1", "-", ".", " ", "\n", "é", "_"];

    [Theory]
    [InlineData("")]
    [InlineData("a")]
    [InlineData("^a")]
    [InlineData("a\\z?$")]
    [InlineData("^(ab|c)*$")]
    [InlineData("^a|b$")]
    [InlineData("(^a|b)c")]
    [InlineData("^(a|^b)c$")]
    [InlineData("^$")]
    [InlineData("^a?b{2}c{1,}$")]
    [InlineData("a{0,2}b{2,3}")]
    [InlineData("^[a-c]+[^a-c]$")]
    [InlineData("^[-.]$")]
    [InlineData("^[\\w-]+$")]
    [InlineData("\\d")]
    [InlineData("^\\S+\\s\\S+$")]
    [InlineData("^\\W$")]
    [InlineData("^.$")]
    [InlineData("^..a")]
    [InlineData("^(?:a(?<n>b)?)+?c$")]
    [InlineData("\\x61\\u0062")]
    [InlineData("^a{,2}$")]
    [InlineData("^(a*)*b$")]
    [InlineData("a$|^b")]
    public void A_pattern_finds_what_a_regular_expression_finds(string pattern)
    {
        if (pattern.Contains("\\z", StringComparison.Ordinal))
        {
            Assert.Throws<PatternException>(() => Pattern.Search(pattern));
            return;
        }

        var dfa = Pattern.Search(pattern);
        var regex = new Regex(pattern.Replace("$", "(?!\n)\\z", StringComparison.Ordinal), RegexOptions.ECMAScript);
        foreach (var text in Texts(4))
        {
            Assert.True(regex.IsMatch(text) == dfa.Matches(text), $"'{pattern}' on '{text}'");
        }
    }

    [Theory]
    [InlineData("^\\p{L}+$", "éA你ж", "a1")]
    [InlineData("^\\p{Lu}$", "Ж", "ж")]
    [InlineData("^\\P{Nd}$", "x", "٣")]
    [InlineData("^\\u{1F600}$", "😀", "😁")]
    [InlineData("^\\uD83D\\uDE00$", "😀", "😁")]
    [InlineData("^[😀-😎]$", "😁", "😏")]
    [InlineData("^.$", "😀", "😀😀")]
    public void Characters_are_code_points(string pattern, string inside, string outside)
    {
        Assert.True(Pattern.Search(pattern).Matches(inside));
        Assert.False(Pattern.Search(pattern).Matches(outside));
    }

    [Fact]
    public void Differences_and_intersections_are_those_of_the_texts()
    {
        var (a, b) = (Pattern.Search("^[ab]*$"), Pattern.Search("b"));
        foreach (var text in Texts(4))
        {
            Assert.Equal(a.Matches(text) && b.Matches(text), a.Intersect(b).Matches(text));
            Assert.Equal(a.Matches(text) && !b.Matches(text), a.Except(b).Matches(text));
        }
    }

    [Fact]
    public void An_automaton_that_explodes_is_given_up() =>
        Assert.Throws<RwkvSk.Engine.Constraints.Automata.AutomatonTooLargeException>(() => Pattern.Search("^(a|b)*a(a|b){17}$"));

    private static IEnumerable<string> Texts(int longest)
    {
        List<string> level = [""];
        for (var length = 0; length <= longest; length++)
        {
            foreach (var text in level)
            {
                yield return text;
            }

            // All short texts, and every third of the long ones.
            level = [.. level.Where((_, i) => length < 2 || i % 3 == 0).SelectMany(static text => Alphabet.Select(symbol => text + symbol))];
        }
    }
}
