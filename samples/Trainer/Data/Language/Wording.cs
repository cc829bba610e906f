namespace RwkvSk.Trainer.Data;

/// <summary>
/// The ways to ask one kind of question: whole sentences, and clauses that <see cref="Frames"/> turn into sentences. Both hold slots in braces:
/// the question's own ones, and those of <see cref="Synonyms"/>.
/// </summary>
internal sealed class Wording(IReadOnlyList<string> sentences, IReadOnlyList<string> clauses, params IReadOnlyList<string> moreToTrainOn)
{
    private static readonly HashSet<string> Empty =
        ["the", "The", "a", "is", "Is", "are", "Are", "do", "Do", "does", "Does", "can", "Can", "you", "there", "of", "in", "me", "has", "have", "see", "that", "it"];

    private readonly SplitTable<string> _sentences = new SplitTable<string>(sentences).TrainedWith(moreToTrainOn);
    private readonly SplitTable<string> _clauses = new(clauses);

    /// <summary>The tables of one side, before the slots are filled.</summary>
    public IEnumerable<string> Templates(Split split) => _sentences[split].Concat(_clauses[split]);

    /// <summary>
    /// One question. On the held-out side its sentence is held out, or its clause, or the frame around its clause; on the training side nothing is.
    /// </summary>
    public string Ask(Random random, Split split, params ReadOnlySpan<(string Slot, string Text)> slots)
    {
        var direct = _clauses[split].Count == 0 || (_sentences[split].Count > 0 && random.Chance(0.6));
        string template;
        if (direct)
        {
            template = random.Pick(_sentences[split]);
        }
        else
        {
            // Held out is one of the two parts; the other may be known.
            var clauseHeldOut = split == Split.HeldOut && random.Chance(0.5);
            var clause = random.Pick(_clauses[clauseHeldOut ? Split.HeldOut : Split.Training]);
            template = random.Pick(Frames.Table[split == Split.HeldOut && !clauseHeldOut ? Split.HeldOut : Split.Training]).Replace("{clause}", clause, StringComparison.Ordinal);
        }

        var text = Synonyms.Fill(template, random, slots);
        text = split == Split.Training && random.Chance(0.15) ? Telegraphic(text, random) : text;
        return Casual(random.Chance(0.45) ? Fillers.Around(text, split, random) : text, random);
    }

    /// <summary>
    /// Without some of the words that carry nothing: "color of circle?" There are more ways to put a question than any table holds; what they share is
    /// the words that matter.
    /// </summary>
    private static string Telegraphic(string text, Random random)
    {
        var words = text.Split(' ').Where(w => !(Empty.Contains(w) && random.Chance(0.4))).ToArray();
        return words.Length == 0 ? text : string.Join(' ', words);
    }

    /// <summary>People leave out capitals and punctuation, and begin with a word that says nothing.</summary>
    private static string Casual(string text, Random random)
    {
        if (random.Chance(0.1))
        {
            text = random.Pick(Frames.Openers) + char.ToLowerInvariant(text[0]) + text[1..];
        }
        else if (random.Chance(0.06) && text[^1] is '?' or '.')
        {
            text = $"{text[..^1]}{random.Pick([" please", ", please"])}{text[^1]}";
        }

        if (random.Chance(0.16))
        {
            text = random.Chance(0.5) ? text.ToLowerInvariant() : char.ToLowerInvariant(text[0]) + text[1..];
        }

        return random.Chance(0.16) ? text.TrimEnd('?', '.', '!') : text;
    }
}
