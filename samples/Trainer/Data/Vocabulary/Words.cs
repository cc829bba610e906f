namespace RwkvSk.Trainer.Data;

/// <summary>How often each word stands in a text after a space, and at all. A word is a run of letters that ends before a capital: "setColor" is two.</summary>
internal sealed class Words
{
    private readonly Dictionary<string, int> _spaced = [];
    private readonly Dictionary<string, int> _bare = [];

    /// <summary>Words right after a space.</summary>
    public IReadOnlyDictionary<string, int> Spaced => _spaced;

    /// <summary>Words after anything else: a quote, a bracket, an underscore, a line break, another word.</summary>
    public IReadOnlyDictionary<string, int> Bare => _bare;

    public void Count(string text)
    {
        for (var at = 0; at < text.Length;)
        {
            if (!char.IsAsciiLetter(text[at]))
            {
                at++;
                continue;
            }

            var end = at + 1;
            while (end < text.Length && char.IsAsciiLetterLower(text[end]))
            {
                end++;
            }

            var counts = at > 0 && text[at - 1] == ' ' ? _spaced : _bare;
            var word = text[at..end];
            counts[word] = counts.GetValueOrDefault(word) + 1;
            at = end;
        }
    }
}
