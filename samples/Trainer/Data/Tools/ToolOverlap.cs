namespace RwkvSk.Trainer.Data;

/// <summary>Whether a request may be meant for a tool, judged by the words they share: what is ambiguous is not asked.</summary>
internal static class ToolOverlap
{
    private static readonly IReadOnlyList<ToolPattern> Arithmetic = [.. QueryPatterns.All.Where(p => p.Parameters.Any(a => a.Kind is ValueKind.Number or ValueKind.Integers))];

    /// <summary>Whether two tools can stand in one block.</summary>
    public static bool AreTellable(ToolCase a, ToolCase b)
    {
        if (a.Tool.Name == b.Tool.Name || SayTheSame(a.Pattern, b.Pattern) || SayTheSame(b.Pattern, a.Pattern) || Similar(a.Tool.Description, b.Tool.Description))
        {
            return false;
        }

        var sameNoun = a.Noun.Length > 0 && (a.Noun.Contains(b.Noun, StringComparison.Ordinal) || b.Noun.Contains(a.Noun, StringComparison.Ordinal));
        if (a.Pattern == b.Pattern)
        {
            return a.Noun.Length > 0 && !sameNoun && IsAlwaysNamed(a.Pattern);
        }

        // One thing, two patterns: fine where the verbs differ in meaning, which only the tables know.
        return a.Noun.Length == 0 || !sameNoun || (a.Noun == b.Noun && Families(a.Pattern) != Families(b.Pattern) && a.Verb != b.Verb);
    }

    /// <summary>Whether a request for <paramref name="missing"/> cannot be meant for <paramref name="tool"/>.</summary>
    public static bool AreFar(ToolCase tool, ToolCase missing) =>
        tool.Pattern != missing.Pattern
            ? missing.Noun.Length > 0 ? !Mentions(tool, missing.Noun) && !Mentions(missing, tool.Noun) : tool.Noun.Length > 0 && !Arithmetic.Contains(tool.Pattern)
            : missing.Noun.Length > 0 && !Mentions(tool, missing.Noun) && !Mentions(missing, tool.Noun);

    /// <summary>Whether a question shares a telling word, or numbers, with a tool.</summary>
    public static bool MayFit(ToolCase tool, string question)
    {
        if (question.Any(char.IsAsciiDigit) && Arithmetic.Contains(tool.Pattern))
        {
            return true;
        }

        var line = tool.Tool.Line();
        return question.Split([' ', '?', '.', ',', '!', '"', '\''], StringSplitOptions.RemoveEmptyEntries)
            .Any(word => word.Length > 3 && line.Contains(word, StringComparison.OrdinalIgnoreCase));
    }

    private static bool Mentions(ToolCase tool, string noun) => noun.Length > 0
        && noun.Split(' ').Any(word => tool.Noun.Contains(word, StringComparison.Ordinal) || tool.Tool.Line().Contains(word, StringComparison.OrdinalIgnoreCase));

    /// <summary>"Note gray" may be meant for the diary or for the table.</summary>
    private static bool IsAlwaysNamed(ToolPattern pattern) => pattern.Requests.Concat(pattern.Questions).All(r => r.Contains("{noun}", StringComparison.Ordinal));

    /// <summary>"Turn on the lamp" may mean a switch or a starter; "sum 3 and 4" an addition or a list's total.</summary>
    private static bool SayTheSame(ToolPattern a, ToolPattern b) =>
        a != b && ((a.Nouns is null && b.Nouns is null && a.Verbs.Intersect(b.Verbs).Any())
            || (a.Parameters.Any(p => p.Kind == ValueKind.Switch) && b.Verbs.Any(v => v.StartsWith("turn o", StringComparison.Ordinal))));

    private static bool Similar(string? a, string? b) => a is not null && string.Equals(a.TrimEnd('.'), b?.TrimEnd('.'), StringComparison.OrdinalIgnoreCase);

    /// <summary>Patterns with the same value kinds and overlapping verbs ask alike.</summary>
    private static string Families(ToolPattern pattern) => pattern.Parameters.Length == 0 ? string.Join(' ', pattern.Verbs) : pattern.Parameters[0].Kind.ToString();
}
