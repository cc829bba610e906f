using System.Globalization;
using System.Text.Json;
using RwkvSk.Trainer.Data;
using Xunit;

namespace RwkvSk.Samples.Tests.Data;

public class ToolTalkTests
{
    private static readonly IReadOnlyList<Conversation> Rows = [.. Samples.Conversations(21, 3000).Where(c => c.Kind is "tools" or "tools and picture" or "object log")];

    private static readonly JsonSerializerOptions Compact = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    [Fact]
    public void Every_call_is_compact_json_that_names_a_tool_of_its_block_and_keeps_to_its_signature()
    {
        var calls = 0;
        foreach (var row in Rows)
        {
            var signatures = Signatures(row.Turns[0].Text);
            foreach (var turn in row.Turns.Where(t => t.Role == Role.Assistant && t.Text.StartsWith("```", StringComparison.Ordinal)))
            {
                var json = turn.Text["```json\n".Length..^"\n```".Length];
                using var call = JsonDocument.Parse(json);
                Assert.Equal(json, JsonSerializer.Serialize(call, Compact));
                var parameters = signatures[call.RootElement.GetProperty("name").GetString()!];
                var arguments = call.RootElement.GetProperty("arguments").EnumerateObject().ToList();
                Assert.Equal(parameters.Keys.Where(k => arguments.Any(a => a.Name == k)), arguments.Select(a => a.Name));
                Assert.All(parameters.Where(p => !p.Value.IsOptional), p => Assert.Contains(p.Key, arguments.Select(a => a.Name)));
                Assert.All(arguments, a => Assert.True(Fits(a.Value, parameters[a.Name].Type), $"{a.Value.GetRawText()} is no {parameters[a.Name].Type} in {json}"));
                calls++;
            }
        }

        Assert.True(calls > 1000, string.Create(CultureInfo.InvariantCulture, $"only {calls} calls"));
    }

    [Fact]
    public void A_value_that_is_no_fact_of_the_picture_stands_in_the_users_words()
    {
        string[] facts = [.. SceneWords.Colours.Select(c => c.Name()), .. SceneWords.Shapes.Select(s => s.Name()), .. SceneWords.Places, "small", "large", "on", "off"];
        foreach (var row in Rows.Where(r => r.Kind != "object log"))
        {
            for (var i = 1; i < row.Turns.Count; i++)
            {
                if (row.Turns[i] is not { Role: Role.Assistant } turn || !turn.Text.StartsWith("```", StringComparison.Ordinal))
                {
                    continue;
                }

                using var call = JsonDocument.Parse(turn.Text["```json\n".Length..^"\n```".Length]);
                var strings = call.RootElement.GetProperty("arguments").EnumerateObject().Select(a => a.Value).Where(v => v.ValueKind == JsonValueKind.String);
                Assert.All(strings.Select(s => s.GetString()!).Except(facts), s => Assert.Contains(s, row.Turns[i - 1].Text, StringComparison.Ordinal));
            }
        }
    }

    [Fact]
    public void Every_object_is_logged_once_and_in_reading_order()
    {
        using var renderer = new SceneRenderer();
        var scene = new Scene(96, 96, new(255, 255, 255), [new(0, Shape.Star, Colour.Red, ObjectSize.Large), new(5, Shape.Circle, Colour.Blue, ObjectSize.Small)]);
        var talk = new ToolTalk(Split.Training, Split.Training, r => new(scene, renderer.Render(scene, r)));
        var random = new Random(2);
        var closings = 0;
        for (var i = 0; i < 300; i++)
        {
            var turns = talk.ObjectLog(random).Turns.ToList();
            var closing = turns.FindIndex(t => t.Role == Role.Assistant && t.Text.StartsWith("I ", StringComparison.Ordinal) && t.Text.EndsWith(" 2 objects.", StringComparison.Ordinal));
            if (closing < 0)
            {
                continue;
            }

            closings++;
            var (first, second) = (turns[closing - 4].Text, turns[closing - 2].Text);
            Assert.StartsWith("```json\n", first, StringComparison.Ordinal);
            Assert.StartsWith("```json\n", second, StringComparison.Ordinal);
            Assert.False(turns[closing - 6].Text.StartsWith("```", StringComparison.Ordinal) && turns[closing - 5].Text == turns[closing - 3].Text && closing == 6, first);
            Assert.True(first.Contains("red", StringComparison.Ordinal) || first.Contains("star", StringComparison.Ordinal) || first.Contains("top left", StringComparison.Ordinal), first);
            Assert.True(second.Contains("blue", StringComparison.Ordinal) || second.Contains("circle", StringComparison.Ordinal) || second.Contains("middle right", StringComparison.Ordinal), second);
        }

        Assert.True(closings > 50, string.Create(CultureInfo.InvariantCulture, $"only {closings} closings"));
    }

    [Fact]
    public void A_tools_picture_stands_in_its_result_and_is_described()
    {
        using var renderer = new SceneRenderer();
        var talk = new ToolTalk(Split.Training, Split.Training, r => { var scene = SceneGenerator.Next(r); return new(scene, renderer.Render(scene, r)); });
        var random = new Random(5);
        for (var i = 0; i < 100; i++)
        {
            var turns = talk.Looks(random).Turns;
            var result = turns.ToList().FindIndex(t => t.Text.StartsWith("Function output:", StringComparison.Ordinal) && t.Pictures.Count == 1);
            Assert.True(result > 1, string.Join('\n', turns.Select(t => t.Text)));
            Assert.StartsWith("```json\n", turns[result - 1].Text, StringComparison.Ordinal);
            Assert.Equal(SceneWords.Describe(turns[result].Pictures[0].Scene), turns[result + 1].Text);

            var segments = ConversationEncoder.Segments(turns[result]);
            Assert.Equal(["User: Function output:\n", null], segments.Take(2));
            Assert.Matches("^(\n[^\n]+)?\n\n$", segments[2]!);
        }
    }

    private static Dictionary<string, Dictionary<string, ToolParameter>> Signatures(string system) => system.Split('\n').Where(l => l.StartsWith("- ", StringComparison.Ordinal)).ToDictionary(
        line => line[2..line.IndexOf('(', StringComparison.Ordinal)],
        line =>
        {
            var open = line.IndexOf('(', StringComparison.Ordinal);
            var list = line[(open + 1)..line.IndexOf(')', open)];
            return list.Split(", ", StringSplitOptions.RemoveEmptyEntries).Select(p => p.Split(": ")).ToDictionary(p => p[0].TrimEnd('?'), p => new ToolParameter(p[0].TrimEnd('?'), p[1], p[0].EndsWith('?')));
        });

    private static bool Fits(JsonElement value, string type) => type switch
    {
        "string" => value.ValueKind == JsonValueKind.String,
        "number" => value.ValueKind == JsonValueKind.Number,
        "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _),
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "array" => value.ValueKind == JsonValueKind.Array,
        _ => value.ValueKind == JsonValueKind.String && type.Contains($"\"{value.GetString()}\"", StringComparison.Ordinal),
    };
}
