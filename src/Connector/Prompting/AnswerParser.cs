namespace RwkvSk.Connector.Prompting;

/// <summary>
/// Reads an answer while it is being written: splits off what was thought, finds the calls, and trims the white space around the text (the template
/// makes every answer begin with a space).
/// </summary>
internal sealed class AnswerParser(ToolCallParser? calls, bool thinking = false)
{
    /// <summary>What closes a thought.</summary>
    public const string ThinkClosing = "</think>";

    private const string ThinkOpening = "<think";

    private string _head = thinking ? ThinkOpening : "";
    private Phase _phase = Phase.Opening;
    private string _space = "";
    private bool _textBegan;

    private enum Phase
    {
        /// <summary>It is not yet clear whether the answer begins with a thought.</summary>
        Opening,

        /// <summary>Inside the thought.</summary>
        Thought,

        /// <summary>In the answer proper.</summary>
        Answer,
    }

    /// <summary>Takes the next piece.</summary>
    public IEnumerable<AnswerPart> Append(string text) => Read(text, ended: false);

    /// <summary>Ends the answer. White space at its end is dropped.</summary>
    public IEnumerable<AnswerPart> Complete() => Read("", ended: true);

    private List<AnswerPart> Read(string text, bool ended)
    {
        var parts = new List<AnswerPart>();
        if (_phase is not Phase.Answer)
        {
            _head += text;
            text = ReadHead(parts, ended);
        }

        if (_phase is Phase.Answer)
        {
            Take(parts, calls?.Append(text) ?? [new AnswerText(text)]);
            if (ended)
            {
                Take(parts, calls?.Complete() ?? []);
            }
        }

        return parts;
    }

    /// <summary>Reads on before the answer proper; returns what already belongs to it.</summary>
    private string ReadHead(List<AnswerPart> parts, bool ended)
    {
        if (_phase is Phase.Opening)
        {
            var text = _head.AsSpan().TrimStart();
            var opened = text.StartsWith(ThinkOpening, StringComparison.Ordinal);
            if (!opened && (ended || !ThinkOpening.AsSpan().StartsWith(text, StringComparison.Ordinal)))
            {
                return LeaveHead("");
            }

            if (!opened || (text.Length == ThinkOpening.Length && !ended))
            {
                return "";
            }

            _head = text[ThinkOpening.Length..].TrimStart('>').ToString();
            _phase = Phase.Thought;
        }

        var end = _head.IndexOf(ThinkClosing, StringComparison.Ordinal);
        var known = end >= 0 ? end : ended ? _head.Length : _head.Length - PartialClosing(_head);
        if (known > 0)
        {
            parts.Add(new AnswerThought(_head[..known]));
            _head = _head[known..];
        }

        return end >= 0 ? LeaveHead(ThinkClosing) : "";
    }

    private string LeaveHead(string consumed)
    {
        var rest = _head[consumed.Length..];
        (_head, _phase) = ("", Phase.Answer);
        return rest;
    }

    private void Take(List<AnswerPart> parts, IEnumerable<AnswerPart> found)
    {
        foreach (var part in found)
        {
            if (part is not AnswerText { Text: var text })
            {
                (_space, _textBegan) = ("", false);
                parts.Add(part);
                continue;
            }

            var kept = text.TrimEnd();
            if (kept.Length == 0)
            {
                _space += text;
                continue;
            }

            var whole = _textBegan ? _space + kept : kept.TrimStart();
            (_space, _textBegan) = (text[kept.Length..], true);
            parts.Add(new AnswerText(whole));
        }
    }

    private static int PartialClosing(string text)
    {
        for (var length = Math.Min(text.Length, ThinkClosing.Length - 1); length > 0; length--)
        {
            if (text.EndsWith(ThinkClosing[..length], StringComparison.Ordinal))
            {
                return length;
            }
        }

        return 0;
    }
}
