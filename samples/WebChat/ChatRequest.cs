using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;

namespace RwkvSk.Samples.WebChat;

/// <summary>One turn of a conversation as the browser keeps it.</summary>
/// <param name="Role"><c>user</c> or <c>assistant</c>.</param>
/// <param name="Text">What was said.</param>
/// <param name="Picture">A picture that was shown with it, as a data URI.</param>
internal sealed record ChatTurn(string Role, string Text, string? Picture);

/// <summary>A whole conversation, the question last.</summary>
internal sealed record ChatRequest(IReadOnlyList<ChatTurn> Turns)
{
    private const int MostTurns = 400;
    private const int LongestText = 8_000;

    /// <summary>What is wrong with it; null when nothing is.</summary>
    public string? Problem() => this switch
    {
        { Turns: null or { Count: 0 } } => "A conversation has at least one turn.",
        { Turns.Count: > MostTurns } => $"A conversation has at most {MostTurns} turns, this one has {Turns.Count}.",
        _ when Turns.FirstOrDefault(static turn => turn is not { Role: "user" or "assistant", Text: not null }) is not null => "A turn has the role user or assistant, and a text.",
        _ when Turns.FirstOrDefault(static turn => turn.Text.Length > LongestText) is { } turn => $"A turn has at most {LongestText} characters, one has {turn.Text.Length}.",
        _ when Turns.FirstOrDefault(static turn => turn.Picture?.StartsWith("data:image/", StringComparison.Ordinal) is false) is not null => "A picture is a data URI of an image type.",
        _ when Turns[^1].Role != "user" => "The last turn is the user's.",
        _ => null,
    };

    /// <summary>The same as Semantic Kernel's history.</summary>
    /// <exception cref="UriFormatException">A picture is no data URI after all.</exception>
    public ChatHistory ToHistory()
    {
        var history = new ChatHistory();
        foreach (var turn in Turns)
        {
            ChatMessageContentItemCollection items = turn.Picture is null ? [new TextContent(turn.Text)] : [new ImageContent(turn.Picture), new TextContent(turn.Text)];
            history.Add(new ChatMessageContent(turn.Role == "user" ? AuthorRole.User : AuthorRole.Assistant, items));
        }

        return history;
    }
}
