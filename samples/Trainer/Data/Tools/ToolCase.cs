namespace RwkvSk.Trainer.Data;

/// <summary>What somebody says to have a tool called, and the call.</summary>
internal sealed record ToolRequest(string Text, ToolCall Call);

/// <summary>A tool together with the ways to ask for it.</summary>
internal sealed class ToolCase(ToolPattern pattern, Tool tool, string verb, string noun, IReadOnlyList<BoundParameter> parameters, Split split)
{
    public Tool Tool { get; } = tool;

    public ToolPattern Pattern { get; } = pattern;

    /// <summary>The thing it works on, or what names it otherwise; for telling tools apart and for its results.</summary>
    public string Noun { get; } = noun;

    /// <summary>The verb of its name.</summary>
    public string Verb { get; } = verb;

    /// <summary>One request, or null when this draw has none (a value that the tool's choices do not hold).</summary>
    public ToolRequest? Ask(Random random, Scene? scene, ValueSource values)
    {
        var asksQuestion = Pattern.Questions.Length > 0 && (Pattern.Requests.Length == 0 || random.Chance(0.55));
        var template = random.Pick(asksQuestion ? RequestWordings.Of(Pattern.Questions, split) : RequestWordings.Of(Pattern.Requests, split));
        if (!asksQuestion)
        {
            template = template.StartsWith("I ", StringComparison.Ordinal) || template.StartsWith("the ", StringComparison.Ordinal)
                ? $"{char.ToUpperInvariant(template[0])}{template[1..]}{{mentions}}."
                : random.Pick(RequestWordings.Frames[split]).Replace("{request}", template + "{mentions}", StringComparison.Ordinal);
        }
        else
        {
            template = template[..^1] + "{mentions}" + template[^1];
        }

        var arguments = new List<(string, string)>();
        var spoken = new Dictionary<string, string>();
        var mentions = string.Empty;
        foreach (var parameter in parameters)
        {
            var form = parameter.Form;
            if (form.Mention is not null)
            {
                if (!random.Chance(0.4))
                {
                    continue;
                }

                mentions += form.Mention;
            }

            if (parameter.Draw(values, random, scene) is not { } value)
            {
                return null;
            }

            spoken[form.Slot] = value.Spoken;
            arguments.Add((parameter.Name, value.Json));
        }

        var text = Fill(template.Replace("{mentions}", mentions, StringComparison.Ordinal), random);
        foreach (var (slot, value) in spoken)
        {
            text = text.Replace($"{{{slot}}}", value, StringComparison.Ordinal);
        }

        var words = text.TrimEnd('.', '?', '!');
        var isOpenEnded = spoken.Values.Any(v => words.EndsWith(v, StringComparison.OrdinalIgnoreCase));
        return new(RequestWordings.Casual(Fillers.Around(text, split, random, isOpenEnded), random), new(Tool.Name, arguments));
    }

    private string Fill(string template, Random random)
    {
        var said = Pattern.OneVerb || Pattern.Verbs.Length == 0 || random.Chance(0.6) ? Verb : random.Pick(Pattern.Verbs);
        return Inflection.Articles(template
            .Replace("{noun}s", Inflection.Plural(Noun), StringComparison.Ordinal)
            .Replace("{noun}", Noun, StringComparison.Ordinal)
            .Replace("{verb}", said, StringComparison.Ordinal));
    }
}
