namespace RwkvSk.Engine.Prompts;

/// <summary>One piece of what is to be read: text or an image.</summary>
public abstract record PromptSegment
{
    private protected PromptSegment()
    {
    }
}

/// <summary>Text, tokenised as it stands: templates and separators are already in it.</summary>
/// <param name="Text">Any string; it may be empty.</param>
public sealed record TextSegment(string Text) : PromptSegment;

/// <summary>An encoded picture (PNG, JPEG, WebP, GIF or BMP). It is read as a fixed number of positions and never split over two prefill steps.</summary>
/// <param name="Encoded">The file's bytes; the caller must not change them afterwards.</param>
public sealed record ImageSegment(ReadOnlyMemory<byte> Encoded) : PromptSegment;

/// <summary>
/// One role's part of a prompt. A turn is the unit of encoding, caching and editing: its segments are tokenised by themselves, and the state at
/// its end may be kept. End a turn's text on a stable token (the World template ends on "\n\n").
/// </summary>
public sealed class Turn
{
    /// <summary>Creates a turn from its segments, in reading order.</summary>
    /// <param name="segments">At least one segment.</param>
    /// <exception cref="ArgumentException">There is no segment.</exception>
    public Turn(params IReadOnlyList<PromptSegment> segments)
    {
        ArgumentNullException.ThrowIfNull(segments);
        Segments = segments.Count > 0 ? [.. segments] : throw new ArgumentException("A turn needs at least one segment, found none.", nameof(segments));
    }

    /// <summary>Creates a turn of plain text.</summary>
    /// <param name="text">The text as it is to be tokenised.</param>
    public Turn(string text)
        : this(new TextSegment(text))
    {
    }

    /// <summary>The segments in reading order.</summary>
    public IReadOnlyList<PromptSegment> Segments { get; }
}

/// <summary>Everything to be read before the answer begins.</summary>
public sealed class Prompt
{
    /// <summary>Creates a prompt from its turns, in reading order.</summary>
    /// <param name="turns">At least one turn; the last one is usually the opening of the answer.</param>
    /// <exception cref="ArgumentException">There is no turn.</exception>
    public Prompt(params IReadOnlyList<Turn> turns)
    {
        ArgumentNullException.ThrowIfNull(turns);
        Turns = turns.Count > 0 ? [.. turns] : throw new ArgumentException("A prompt needs at least one turn, found none.", nameof(turns));
    }

    /// <summary>Creates a prompt of one turn of plain text.</summary>
    /// <param name="text">The text as it is to be tokenised.</param>
    public Prompt(string text)
        : this(new Turn(text))
    {
    }

    /// <summary>The turns in reading order.</summary>
    public IReadOnlyList<Turn> Turns { get; }
}
