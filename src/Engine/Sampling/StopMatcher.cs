namespace RwkvSk.Engine.Sampling;

/// <summary>
/// Ends a text at the first of several stop sequences and holds back what may be the beginning of one. Text that turns out not to be a stop is
/// released; a stop sequence, or a part of one that was completed, never is. How the text is cut into pieces changes nothing.
/// </summary>
/// <remarks>
/// The stop that is complete first counts; of two that end at the same character, the longer. Each stop is followed by the failure function of
/// Knuth, Morris and Pratt, so a character costs amortised constant time per stop.
/// </remarks>
internal sealed class StopMatcher
{
    private readonly string[] _stops;
    private readonly int[][] _fallbacks;
    private readonly int[] _matched;
    private string _held = "";

    /// <summary>Starts at the beginning of a text.</summary>
    /// <param name="stops">Compared character by character; none may be empty.</param>
    public StopMatcher(IReadOnlyList<string> stops)
    {
        _stops = [.. stops];
        if (Array.Exists(_stops, string.IsNullOrEmpty))
        {
            throw new ArgumentException("a stop sequence is empty", nameof(stops));
        }

        _fallbacks = Array.ConvertAll(_stops, Fallback);
        _matched = new int[_stops.Length];
    }

    /// <summary>A stop sequence was found; nothing more will be released.</summary>
    public bool Stopped { get; private set; }

    /// <summary>Takes the next piece of text.</summary>
    /// <returns>What is certain not to be part of a stop sequence; may be empty.</returns>
    public string Append(string text)
    {
        if (Stopped || _stops.Length == 0)
        {
            return Stopped ? "" : text;
        }

        for (var i = 0; i < text.Length; i++)
        {
            var complete = Advance(text[i]);
            if (complete > 0)
            {
                Stopped = true;
                var released = string.Concat(_held, text.AsSpan(0, i + 1))[..^complete];
                _held = "";
                return released;
            }
        }

        var longest = _matched.Max();
        var whole = _held.Length == 0 ? text : _held + text;
        _held = longest == 0 ? "" : whole[^longest..];
        return longest == 0 ? whole : whole[..^longest];
    }

    /// <summary>Ends the text: what was held back is no stop sequence and is released. The matcher starts anew, unless it has stopped.</summary>
    public string Flush()
    {
        var released = _held;
        _held = "";
        Array.Clear(_matched);
        return released;
    }

    // Moves every stop past one character and returns the length of the longest that is complete, 0 if none is.
    private int Advance(char character)
    {
        var complete = 0;
        for (var s = 0; s < _stops.Length; s++)
        {
            var stop = _stops[s];
            var matched = _matched[s];
            while (matched > 0 && stop[matched] != character)
            {
                matched = _fallbacks[s][matched - 1];
            }

            _matched[s] = matched += stop[matched] == character ? 1 : 0;
            complete = matched == stop.Length ? Math.Max(complete, matched) : complete;
        }

        return complete;
    }

    // For every prefix, how long the longest shorter prefix is that it also ends with.
    private static int[] Fallback(string stop)
    {
        var table = new int[stop.Length];
        for (int i = 1, length = 0; i < stop.Length; i++)
        {
            while (length > 0 && stop[i] != stop[length])
            {
                length = table[length - 1];
            }

            table[i] = length += stop[i] == stop[length] ? 1 : 0;
        }

        return table;
    }
}
