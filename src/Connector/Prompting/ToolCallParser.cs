namespace RwkvSk.Connector.Prompting;

/// <summary>
/// Finds function calls in an answer while it is being written. Text that may begin a call is held back until it is certain: it comes out either as
/// a call or, unchanged, as text. A reader of the text parts never sees a piece of a call.
/// </summary>
internal sealed class ToolCallParser
{
    private readonly IReadOnlySet<string> _names;
    private readonly ToolCallSyntax _syntax;
    private string _held;
    private State _state = State.Start;
    private bool _called;

    /// <summary>Creates a parser for one answer.</summary>
    /// <param name="names">The advertised names.</param>
    /// <param name="syntax">Which calls are looked for.</param>
    public ToolCallParser(IReadOnlySet<string> names, ToolCallSyntax syntax)
    {
        (_names, _syntax) = (names, syntax);
        // The prompt has already written the fence where a call is required.
        _held = syntax.HasFlag(ToolCallSyntax.Opened) ? $"{ToolCallFormat.CallOpening}\n" : "";
    }

    private enum State
    {
        /// <summary>Nothing but white space yet: a call may stand here without its fence.</summary>
        Start,

        /// <summary>In text, on the look-out for a fence.</summary>
        Text,

        /// <summary>The held text begins with a fence, or with a bare object at the answer's start.</summary>
        Block,

        /// <summary>After a call's object: its closing fence is still to come.</summary>
        Closing,

        /// <summary>The one allowed call was made: the rest is not looked at.</summary>
        Done,
    }

    /// <summary>Takes the next piece of the answer.</summary>
    public IEnumerable<AnswerPart> Append(string text)
    {
        _held += text;
        return Advance(ended: false);
    }

    /// <summary>Ends the answer: what is still held back comes out.</summary>
    public IEnumerable<AnswerPart> Complete() => Advance(ended: true);

    private List<AnswerPart> Advance(bool ended)
    {
        var parts = new List<AnswerPart>();
        while (Step(parts, ended))
        {
        }

        return parts;
    }

    private bool Step(List<AnswerPart> parts, bool ended) => _state switch
    {
        State.Start => AtStart(ended),
        State.Text => InText(parts, ended),
        State.Block => InBlock(parts, ended),
        State.Closing => AtClosing(ended),
        _ => Discard(),
    };

    private bool AtStart(bool ended)
    {
        var text = _held.AsSpan().TrimStart();
        if (text.IsEmpty && !ended)
        {
            return false;
        }

        _state = text.StartsWith("{") && _syntax.HasFlag(ToolCallSyntax.Bare) ? State.Block : State.Text;
        return true;
    }

    private bool InText(List<AnswerPart> parts, bool ended)
    {
        var fence = _held.IndexOf(ToolCallFormat.CallOpening, StringComparison.Ordinal);
        var release = fence >= 0 ? fence : _held.Length - (ended ? 0 : PartialFence(_held));
        Emit(parts, release);
        if (fence < 0)
        {
            return false;
        }

        _state = State.Block;
        return true;
    }

    private bool InBlock(List<AnswerPart> parts, bool ended)
    {
        var start = _held.StartsWith(ToolCallFormat.CallOpening, StringComparison.Ordinal) ? ToolCallFormat.CallOpening.Length : 0;
        while (start < _held.Length && char.IsWhiteSpace(_held[start]))
        {
            start++;
        }

        if (start == _held.Length && !ended)
        {
            return false;
        }

        if (start == _held.Length || _held[start] is not ('{' or '['))
        {
            return AsText(parts, start);
        }

        var progress = JsonSpan.Scan(_held, start, out var end);
        if (progress is JsonSpan.Progress.Open && !ended)
        {
            return false;
        }

        var json = _held[start..end];
        var calls = progress is JsonSpan.Progress.Balanced
            ? ToolCallReader.Read(json, _names)
            : ToolCallReader.Damaged(json) is { } damaged ? [damaged] : [];

        // Without a fence only an advertised name makes an object a call.
        var bare = !_held.StartsWith(ToolCallFormat.CallOpening, StringComparison.Ordinal);
        if (calls.Count == 0 || (bare && !_names.Contains(calls[0].Name)))
        {
            return AsText(parts, end);
        }

        parts.AddRange(_syntax.HasFlag(ToolCallSyntax.Several) ? calls : calls.Take(1));
        _called = true;
        _held = _held[end..];
        _state = _syntax.HasFlag(ToolCallSyntax.Several) ? State.Closing : State.Done;
        return true;
    }

    private bool AtClosing(bool ended)
    {
        var rest = _held.AsSpan().TrimStart();
        if (rest.StartsWith(ToolCallFormat.CallClosing, StringComparison.Ordinal) && !rest.StartsWith(ToolCallFormat.CallOpening, StringComparison.Ordinal))
        {
            // "```" may still grow into the next call's "```json".
            if (!ended && rest.Length < ToolCallFormat.CallOpening.Length && ToolCallFormat.CallOpening.AsSpan().StartsWith(rest, StringComparison.Ordinal))
            {
                return false;
            }

            _held = rest[ToolCallFormat.CallClosing.Length..].ToString();
        }
        else if (!ended && (rest.IsEmpty || ToolCallFormat.CallClosing.AsSpan().StartsWith(rest, StringComparison.Ordinal)))
        {
            return false;
        }
        else if (ended && rest.Trim('`').IsEmpty)
        {
            _held = "";
        }

        _state = State.Text;
        return true;
    }

    private bool Discard()
    {
        _held = "";
        return false;
    }

    private bool AsText(List<AnswerPart> parts, int length)
    {
        Emit(parts, length);
        _state = State.Text;
        return _held.Length > 0;
    }

    private void Emit(List<AnswerPart> parts, int length)
    {
        // Line ends between calls belong to the format.
        if (length > 0 && !(_called && string.IsNullOrWhiteSpace(_held[..length])))
        {
            parts.Add(new AnswerText(_held[..length]));
        }

        _held = _held[length..];
    }

    /// <summary>The length of the longest end of the text that could begin a fence.</summary>
    private static int PartialFence(string text)
    {
        for (var length = Math.Min(text.Length, ToolCallFormat.CallOpening.Length - 1); length > 0; length--)
        {
            if (text.EndsWith(ToolCallFormat.CallOpening[..length], StringComparison.Ordinal))
            {
                return length;
            }
        }

        return 0;
    }
}
