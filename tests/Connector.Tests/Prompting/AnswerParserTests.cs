using RwkvSk.Connector.Prompting;
using Xunit;

namespace RwkvSk.Connector.Tests.Prompting;

public class AnswerParserTests
{
    private static readonly HashSet<string> Names = ["lamp", "now"];

    public static TheoryData<string, string> Answers => new()
    {
        { " Hello there.", "T:Hello there." },
        { "  two\n\nparagraphs \n", "T:two\n\nparagraphs" },
        { " ```json\n{\"name\":\"lamp\",\"arguments\":{\"color\":\"red\"}}\n```", "C:lamp {\"color\":\"red\"}" },
        { " ```json\n{\"name\":\"now\",\"arguments\":{}}", "C:now {}" },
        { " ```json\n{\"name\":\"now\"}\n```", "C:now {}" },
        { " One moment.\n```json\n{\"name\":\"lamp\",\"arguments\":{\"a\":\"} ``` {\"}}\n```\n", "T:One moment.|C:lamp {\"a\":\"} ``` {\"}" },
        { " ```json\n{\"name\":\"lamp\",\"arguments\":{\"a\":1}}\n```\n```json\n{\"name\":\"now\",\"arguments\":{}}\n```", "C:lamp {\"a\":1}|C:now {}" },
        { " ```json\n[{\"name\":\"lamp\",\"arguments\":{}},{\"name\":\"now\",\"arguments\":{}}]\n```", "C:lamp {}|C:now {}" },
        { " {\"name\":\"lamp\",\"arguments\":{}}", "C:lamp {}" },
        { " {\"name\":\"Ada\",\"arguments\":{}}", "T:{\"name\":\"Ada\",\"arguments\":{}}" },
        { " ```json\n{\"name\":\"other\",\"arguments\":{}}\n```", "C:other {}" },
        { " Look: ```json\n{\"age\": 3}\n``` ok", "T:Look: ```json\n{\"age\": 3}\n``` ok" },
        { " Look: ```json\n{\"name\": \"Ada\", \"age\": 3}\n```", "T:Look: ```json\n{\"name\": \"Ada\", \"age\": 3}\n```" },
        { " ```jsonc is a thing", "T:```jsonc is a thing" },
        { " ``` and ```js and ```", "T:``` and ```js and ```" },
        { " ```json\n{\"name\":\"lamp\",\"arguments\":{\"a\":\n```", "E:lamp" },
        { " ```json\n{\"name\":\"lamp\",\"arguments\":{\"a\":'x'}}\n```", "E:lamp" },
        { " ```json\n{\"name\":\"lamp\",\"argum", "E:lamp" },
        { " ```json\n{\"name\":\"lamp\",\"arguments\":\"{\\\"a\\\":1}\"}\n```", "C:lamp {\"a\":1}" },
        { " ```json\n{\"name\":\"lamp\",\"arguments\":[1]}\n```", "E:lamp" },
        { "<think>hm </ok></think>\n Yes.", "R:hm </ok>|T:Yes." },
        { " <thin", "T:<thin" },
        { "", "" },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public void An_answer_means_the_same_however_it_is_cut(string answer, string expected)
    {
        Assert.Equal(expected, Parse([answer]));
        Assert.Equal(expected, Parse([.. answer.Select(static c => c.ToString())]));
        for (var cut = 1; cut < answer.Length; cut++)
        {
            Assert.Equal(expected, Parse([answer[..cut], answer[cut..]]));
        }
    }

    [Theory]
    [MemberData(nameof(Answers))]
    public void Without_tools_everything_is_text(string answer, string expected)
    {
        _ = expected;
        var text = answer.Trim();
        if (text.StartsWith("<think>", StringComparison.Ordinal))
        {
            return;
        }

        Assert.Equal(text, string.Concat(All(new AnswerParser(null), [.. answer.Select(static c => c.ToString())]).Cast<AnswerText>().Select(static t => t.Text)));
    }

    [Fact]
    public void Only_the_first_call_counts_where_one_is_allowed()
    {
        var parser = new AnswerParser(new ToolCallParser(Names, ToolCallSyntax.Fenced));
        var call = "```json\n{\"name\":\"now\",\"arguments\":{}}\n```\n";
        Assert.Equal("C:now {}", Show(All(parser, [" " + call + call + "more"])));
    }

    [Fact]
    public void A_required_call_begins_inside_its_fence()
    {
        var parser = new AnswerParser(new ToolCallParser(Names, ToolCallSyntax.Opened));
        Assert.Equal("C:now {}", Show(All(parser, ["{\"name\":\"now\",", "\"arguments\":{}}", "\n```"])));
    }

    [Fact]
    public void Text_is_released_as_soon_as_it_is_certain()
    {
        var parser = new AnswerParser(new ToolCallParser(Names, ToolCallSyntax.Bare | ToolCallSyntax.Several));
        Assert.Equal("T:Hello", Show(parser.Append(" Hello")));
        Assert.Equal("T: you", Show(parser.Append(" you `")));
        Assert.Equal("", Show(parser.Append("``")));
        Assert.Equal("T: ```!", Show(parser.Append("!")));
    }

    [Fact]
    public void A_thought_begun_by_the_prompt_is_split_off() =>
        Assert.Equal("R:two|T:4", Show(All(new AnswerParser(null, thinking: true), [">tw", "o</thi", "nk>\n4"])).Replace("tw|R:o", "two", StringComparison.Ordinal));

    private static string Parse(string[] pieces) => Show(All(new AnswerParser(new ToolCallParser(Names, ToolCallSyntax.Bare | ToolCallSyntax.Several)), pieces));

    private static List<AnswerPart> All(AnswerParser parser, string[] pieces) => [.. pieces.SelectMany(parser.Append), .. parser.Complete()];

    /// <summary>Joins neighbouring texts: how they were cut is not part of the meaning.</summary>
    private static string Show(IEnumerable<AnswerPart> parts)
    {
        var shown = new List<string>();
        foreach (var part in parts)
        {
            var (kind, text) = part switch
            {
                AnswerText t => ("T:", t.Text),
                AnswerThought t => ("R:", t.Text),
                AnswerCall { Error: not null } c => ("E:", c.Name),
                AnswerCall c => ("C:", $"{c.Name} {c.Json}"),
                _ => ("?", ""),
            };
            if (shown.Count > 0 && kind is "T:" or "R:" && shown[^1].StartsWith(kind, StringComparison.Ordinal))
            {
                shown[^1] += text;
            }
            else
            {
                shown.Add(kind + text);
            }
        }

        return string.Join('|', shown);
    }
}
