using System.Globalization;
using RwkvSk.Engine.Scheduling;

namespace RwkvSk.Cli;

/// <summary>Token ids and pictures in reading order, as rows for slot 0.</summary>
internal static class TokenSpans
{
    /// <summary>The placeholder of the published VisualRWKV code.</summary>
    private const int Placeholder = 65535;

    /// <summary>Reads ids separated by commas; brackets around them may stay.</summary>
    /// <exception cref="ArgumentException">One of them is no id.</exception>
    public static int[] Parse(string text) =>
    [
        .. text.Trim().TrimStart('[').TrimEnd(']').Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select((part, i) =>
            int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : throw new ArgumentException($"Token {i + 1} is '{part}', expected a token id.")),
    ];

    /// <summary>Puts the pictures where the placeholders are, or at the front when there are none.</summary>
    /// <exception cref="ArgumentException">There is nothing to read, an id is out of range, or places and pictures do not match.</exception>
    public static IReadOnlyList<BatchRow> Split(ReadOnlyMemory<int> tokens, IReadOnlyList<IImageEmbeddings> pictures, int vocabulary)
    {
        if (tokens.Length == 0 && pictures.Count == 0)
        {
            throw new ArgumentException("There is nothing to read: give --tokens, --image or both.");
        }

        var placeholder = tokens.Span.Contains(Placeholder) ? Placeholder : vocabulary - 1;
        if (pictures.Count == 0 || !tokens.Span.Contains(placeholder))
        {
            return [.. pictures.Select(Picture), .. Text(tokens, vocabulary)];
        }

        var (rows, next) = (new List<BatchRow>(), 0);
        while (tokens.Length > 0)
        {
            var text = tokens.Span.IndexOf(placeholder) is >= 0 and var at ? at : tokens.Length;
            rows.AddRange(Text(tokens[..text], vocabulary));
            tokens = tokens[text..];
            var run = tokens.Span.IndexOfAnyExcept(placeholder) is >= 0 and var end ? end : tokens.Length;
            for (var i = 0; i < Places(run, pictures[0].Positions); i++, next++)
            {
                rows.Add(next < pictures.Count ? Picture(pictures[next]) : throw Mismatch(pictures.Count));
            }

            tokens = tokens[run..];
        }

        return next == pictures.Count ? rows : throw Mismatch(pictures.Count);
    }

    /// <summary>Cuts spans of tokens into steps; a picture is one step.</summary>
    public static IEnumerable<BatchRow> Steps(IEnumerable<BatchRow> spans, int chunkLength) => spans.SelectMany(span => span.Image is not null
        ? [span]
        : Enumerable.Range(0, (span.Positions + chunkLength - 1) / chunkLength)
            .Select(i => span with { Tokens = span.Tokens[(i * chunkLength)..Math.Min((i + 1) * chunkLength, span.Positions)] }));

    private static BatchRow Picture(IImageEmbeddings picture) => new(Slot: 0, Tokens: default, picture, WantLogits: true);

    private static IEnumerable<BatchRow> Text(ReadOnlyMemory<int> tokens, int vocabulary) =>
        tokens.Span.IndexOfAnyExceptInRange(0, vocabulary - 1) is >= 0 and var at
            ? throw new ArgumentException($"Token id {tokens.Span[at]} is out of range: the model has ids 0 to {vocabulary - 1}.")
            : tokens.Length == 0 ? [] : [new BatchRow(Slot: 0, tokens, Image: null, WantLogits: true)];

    // One id may stand for a whole picture, or there is one for each of its positions.
    private static int Places(int run, int positions) => run switch
    {
        0 or 1 => run,
        _ when run % positions == 0 => run / positions,
        _ => throw new ArgumentException($"A run of {run} placeholders stands for no whole number of pictures: a picture takes 1 placeholder or {positions}."),
    };

    private static ArgumentException Mismatch(int pictures) => new($"The tokens' placeholders and the {pictures} pictures given with --image do not match in number.");
}
