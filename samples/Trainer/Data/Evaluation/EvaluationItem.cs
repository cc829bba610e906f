using System.Text.Json;
using RwkvSk.Engine.Constraints;
using RwkvSk.Engine.Prompts;

namespace RwkvSk.Trainer.Data;

/// <summary>How an answer is judged.</summary>
internal enum EvaluationCheck
{
    /// <summary>The text must be the expected one.</summary>
    Text,

    /// <summary>It must be a call of the expected function.</summary>
    ToolName,

    /// <summary>It must be a call of the expected function with the expected arguments.</summary>
    Call,
}

/// <summary>One question of an evaluation: everything said so far, and what is to be said next.</summary>
internal sealed record EvaluationItem(string Category, IReadOnlyList<ConversationTurn> Turns, string Expected, EvaluationCheck Check)
{
    /// <summary>What the system text declares.</summary>
    public IReadOnlyList<Tool> Tools { get; init; } = [];

    /// <summary>What the connector holds an answer to where there are tools: free text, but a call that was begun is a call of one of them. Null without tools.</summary>
    public Constraint? Constraint() => Tools.Count == 0 ? null : new TriggeredConstraint(
        "```json\n", "{\"name\":", Engine.Constraints.Constraint.ToolCall([.. Tools.Select(static t => new ToolDeclaration(t.Name, t.Schema()))], new ToolCallFrame("", "\n```")));

    /// <summary>What the model is to read; the pictures must have been encoded.</summary>
    public Prompt Prompt() => new([.. Turns.Select(ToTurn), new Turn("Assistant:")]);

    /// <summary>Whether <paramref name="answer"/> is right. White space around it does not count.</summary>
    public bool IsRight(string answer)
    {
        answer = answer.Trim();
        return Check == EvaluationCheck.Text ? answer == Expected
            : Parse(answer) is { } call && Parse(Expected) is { } expected && call.Name == expected.Name && (Check == EvaluationCheck.ToolName || call.Arguments == expected.Arguments);
    }

    private static Turn ToTurn(ConversationTurn turn)
    {
        var pictures = new Queue<Picture>(turn.Pictures);
        return turn.Role == Role.Assistant
            ? new Turn(string.Concat(ConversationEncoder.Segments(turn)))
            : new Turn([.. ConversationEncoder.Segments(turn).Select(s => s is null ? (PromptSegment)new ImageSegment(pictures.Dequeue().Encoded) : new TextSegment(s))]);
    }

    /// <summary>Name and arguments of a fenced call, the arguments in name order; null for anything else.</summary>
    private static (string Name, string Arguments)? Parse(string text)
    {
        const string Opening = "```json\n", Closing = "\n```";
        if (!text.StartsWith(Opening, StringComparison.Ordinal) || !text.EndsWith(Closing, StringComparison.Ordinal) || text.Length < Opening.Length + Closing.Length)
        {
            return null;
        }

        try
        {
            using var json = JsonDocument.Parse(text[Opening.Length..^Closing.Length]);
            var arguments = json.RootElement.GetProperty("arguments").EnumerateObject().OrderBy(a => a.Name, StringComparer.Ordinal);
            return (json.RootElement.GetProperty("name").GetString() ?? string.Empty, string.Join(',', arguments.Select(a => $"{a.Name}={a.Value.GetRawText()}")));
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return null;
        }
    }
}
