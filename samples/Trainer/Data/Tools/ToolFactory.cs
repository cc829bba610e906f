namespace RwkvSk.Trainer.Data;

/// <summary>Makes tools out of patterns: thousands of names, none of them from a list.</summary>
/// <param name="split">Which nouns and verbs may be used.</param>
/// <param name="wordings">Which ways to ask.</param>
internal sealed class ToolFactory(Split split, Split wordings)
{
    private static readonly (double Weight, ToolPattern Pattern)[] Patterns =
        [.. new[] { DevicePatterns.All, RecordPatterns.All, QueryPatterns.All, PicturePatterns.All, GenericPatterns.All }.SelectMany(p => p).Select(p => (p.Weight, p))];

    private static readonly (double Weight, ToolPattern Pattern)[] FromPictures =
        [.. Patterns.Where(p => p.Pattern.Parameters.Any(a => a.Kind is ValueKind.Colour or ValueKind.Shape or ValueKind.Place or ValueKind.Size or ValueKind.Count))];

    private static readonly ParameterForm[] Unused =
    [
        new("unused", ["verbose", "silent", "force", "dry run"], ValueKind.Switch) { Mention = string.Empty },
        new("unused", ["unit", "comment", "format", "timezone"], ValueKind.Word) { Mention = string.Empty },
        new("unused", ["timeout", "retries", "delay", "priority"], ValueKind.Integer) { Mention = string.Empty },
    ];

    /// <summary>A tool of any kind.</summary>
    public ToolCase Next(Random random, bool fromPicture = false) => Make(random.Weighted(fromPicture ? FromPictures : Patterns), random);

    /// <summary>A tool of one pattern; with <paramref name="noun"/> it works on that thing.</summary>
    public ToolCase Make(ToolPattern pattern, Random random, string? noun = null)
    {
        var generic = pattern.Verbs.Length == 0;
        noun ??= generic ? random.Chance(0.7) ? random.Pick(GenericPatterns.Nouns[split]) : Invented.Word(random)
            : pattern.Nouns is { } nouns ? random.Chance(0.9) ? random.Pick(nouns[split]) : Invented.Word(random)
            : string.Empty;
        var verb = generic ? random.Chance(0.75) ? random.Pick(GenericPatterns.Verbs[split]) : Invented.Word(random) : random.Pick(VerbsOf(pattern));
        var describingVerb = generic || pattern.OneVerb || random.Chance(0.7) ? verb : random.Pick(pattern.Verbs);

        var style = NameStyle.Draw(random);
        var words = random.Pick(pattern.Names);
        var description = Fill(random.Pick(pattern.Descriptions), describingVerb, noun);
        var isNamedWithoutNoun = noun.Length > 0 && !words.Contains("{noun}", StringComparison.Ordinal);
        if (isNamedWithoutNoun && !description.Contains(noun, StringComparison.Ordinal))
        {
            words = "{verb} {noun}";
        }

        // Without a description the name must say it all.
        var hasDescription = !words.Contains("{verb}", StringComparison.Ordinal) || (noun.Length > 0 && !words.Contains("{noun}", StringComparison.Ordinal)) || random.Chance(0.9);
        var parameters = pattern.Parameters.Select(p => BoundParameter.Bind(p, style, random)).ToList();
        var declared = Declare(parameters, style, random);
        var tool = new Tool(
            style.Tool(Words(words, verb, noun), random),
            [.. declared.Select(p => p.Declared)],
            hasDescription ? Styled(description, random) : null);
        return new(pattern, tool, verb, noun, [.. declared.Where(p => p.Form.Slot != "unused")], wordings);
    }

    private IReadOnlyList<string> VerbsOf(ToolPattern pattern) =>
        pattern.OneVerb ? new SplitTable<string>(pattern.Verbs)[split] : pattern.Verbs;

    /// <summary>Required ones first, each group in any order; now and then one that nobody needs.</summary>
    private static List<BoundParameter> Declare(List<BoundParameter> parameters, NameStyle style, Random random)
    {
        var kept = parameters.Where(p => p.Form.Mention is null || random.Chance(0.6)).ToList();
        kept = kept.DistinctBy(p => p.Name).Count() == kept.Count ? kept : parameters.DistinctBy(p => p.Name).ToList();
        if (random.Chance(0.1))
        {
            var unused = BoundParameter.Bind(random.Pick(Unused), style, random);
            if (kept.All(p => p.Name != unused.Name))
            {
                kept.Add(unused);
            }
        }

        var ordered = random.Chance(0.5) ? kept : random.Shuffled(kept);
        return [.. ordered.OrderBy(p => p.Form.Mention is null ? 0 : 1)];
    }

    private static string Words(string words, string verb, string noun) => words
        .Replace("{noun}s", Inflection.Plural(noun), StringComparison.Ordinal)
        .Replace("{noun}", noun, StringComparison.Ordinal)
        .Replace("{verb}", verb, StringComparison.Ordinal);

    private static string Fill(string template, string verb, string noun)
    {
        var text = template.Replace("{verbs}", Inflection.ThirdPerson(verb), StringComparison.Ordinal);
        text = Inflection.Articles(Words(text, verb, noun));
        return char.ToUpperInvariant(text[0]) + text[1..];
    }

    private static string Styled(string description, Random random) => random.NextDouble() switch
    {
        < 0.12 => description.TrimEnd('.'),
        < 0.16 => $"This tool {char.ToLowerInvariant(description[0])}{description[1..]}",
        < 0.2 => $"A function that {char.ToLowerInvariant(description[0])}{description[1..]}",
        _ => description,
    };
}
