using RwkvSk.Engine.Sampling;
using Xunit;

namespace RwkvSk.Engine.Tests.Sampling;

public class StopMatcherTests
{
    [Fact]
    public void The_answer_ends_before_a_stop_that_is_spread_over_tokens()
    {
        var matcher = new StopMatcher(["\n\nUser:"]);

        Assert.Equal("Hi.", matcher.Append("Hi."));
        Assert.Equal("", matcher.Append("\n"));
        Assert.Equal("", matcher.Append("\nUs"));
        Assert.Equal("", matcher.Append("er"));
        Assert.False(matcher.Stopped);
        Assert.Equal("", matcher.Append(": and more"));
        Assert.True(matcher.Stopped);
        Assert.Equal("", matcher.Append("nothing more"));
        Assert.Equal("", matcher.Flush());
    }

    [Fact]
    public void A_failed_beginning_is_released()
    {
        var matcher = new StopMatcher(["\n\nUser:"]);

        Assert.Equal("a", matcher.Append("a\n\nUse"));
        Assert.Equal("\n\nUseful", matcher.Append("ful"));
        Assert.False(matcher.Stopped);
    }

    [Fact]
    public void A_beginning_inside_of_a_failed_beginning_is_still_held()
    {
        var matcher = new StopMatcher(["aab"]);

        Assert.Equal("", matcher.Append("aa"));
        Assert.Equal("a", matcher.Append("a"));
        Assert.Equal("", matcher.Append("b"));
        Assert.True(matcher.Stopped);
    }

    [Fact]
    public void What_was_held_comes_out_at_the_end()
    {
        var matcher = new StopMatcher(["END", "\n\n"]);

        Assert.Equal("the ", matcher.Append("the EN"));
        Assert.Equal("EN", matcher.Flush());
        Assert.Equal("", matcher.Flush());
    }

    [Fact]
    public void The_stop_that_is_complete_first_counts()
    {
        Assert.Equal(("a", true), Run(["abcd", "bc"], ["abcd"]));
        Assert.Equal(("", true), Run(["abc", "bc", "c"], ["abc"]));
    }

    [Fact]
    public void Without_stops_everything_passes()
    {
        Assert.Equal(("a\n\nb", false), Run([], ["a", "\n\n", "b"]));
    }

    [Fact]
    public void An_empty_stop_is_refused()
    {
        Assert.Throws<ArgumentException>(() => new StopMatcher(["a", ""]));
    }

    [Fact]
    public void Cutting_anywhere_gives_the_same_answer()
    {
        var random = new Random(1);
        for (var round = 0; round < 3000; round++)
        {
            string[] stops = [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => Letters(random, random.Next(1, 5)))];
            var text = Letters(random, random.Next(0, 20));
            var pieces = new List<string>();
            for (var at = 0; at < text.Length;)
            {
                var length = Math.Min(random.Next(0, 4), text.Length - at);
                pieces.Add(text.Substring(at, length));
                at += length;
            }

            Assert.Equal(Plain(stops, text), Run(stops, pieces));
        }
    }

    [Fact]
    public void Text_is_held_no_longer_than_it_must()
    {
        var random = new Random(2);
        for (var round = 0; round < 1000; round++)
        {
            string[] stops = [.. Enumerable.Range(0, 2).Select(_ => Letters(random, random.Next(2, 5)))];
            var matcher = new StopMatcher(stops);
            var (seen, released) = ("", "");
            while (seen.Length < 15)
            {
                var piece = Letters(random, 1);
                seen += piece;
                released += matcher.Append(piece);
                if (matcher.Stopped)
                {
                    break;
                }

                var mustHold = Enumerable.Range(0, seen.Length + 1).Max(n => stops.Any(stop => n < stop.Length && seen.EndsWith(stop[..n], StringComparison.Ordinal)) ? n : 0);
                Assert.Equal(seen[..^mustHold], released);
            }
        }
    }

    private static (string Text, bool Stopped) Run(string[] stops, IEnumerable<string> pieces)
    {
        var matcher = new StopMatcher(stops);
        var text = string.Concat(pieces.Select(matcher.Append));
        return (text + matcher.Flush(), matcher.Stopped);
    }

    // Ends at the smallest place where any stop ends; the longest that ends there is cut off.
    private static (string Text, bool Stopped) Plain(string[] stops, string text)
    {
        for (var end = 1; end <= text.Length; end++)
        {
            var found = stops.Where(stop => text[..end].EndsWith(stop, StringComparison.Ordinal)).MaxBy(stop => stop.Length);
            if (found is not null)
            {
                return (text[..(end - found.Length)], true);
            }
        }

        return (text, false);
    }

    private static string Letters(Random random, int count) => new([.. Enumerable.Range(0, count).Select(_ => "ab\n"[random.Next(3)])]);
}
