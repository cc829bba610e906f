namespace RwkvSk.Trainer.Data;

/// <summary>Writes the turns of a conversation with tools; a picture comes with the first or the second thing that is said.</summary>
internal sealed class ToolDialogue
{
    private Picture? _picture;

    public ToolDialogue(Random random, string system, Picture? picture)
    {
        Turns = [ConversationTurn.System(system)];
        _picture = picture;
        if (picture is not null && random.Chance(0.05))
        {
            Turns.Add(ConversationTurn.User("Look at this picture.", Pictures()));
            Turns.Add(ConversationTurn.Assistant(SceneWords.Describe(picture.Scene)));
        }
    }

    public List<ConversationTurn> Turns { get; }

    public void Say((string Question, string Answer) exchange)
    {
        Turns.Add(ConversationTurn.User(exchange.Question, Pictures()));
        Turns.Add(ConversationTurn.Assistant(exchange.Answer));
    }

    public void Call(ToolRequest request, ToolResult result) => Calls(request.Text, [request.Call], _ => result.Output, result.Answer);

    /// <summary>One call per round, each with its output, then the answer.</summary>
    public void Calls(string request, IReadOnlyList<ToolCall> calls, Func<ToolCall, string> output, string answer)
    {
        Turns.Add(ConversationTurn.User(request, Pictures()));
        foreach (var call in calls)
        {
            Turns.Add(ConversationTurn.Assistant(call.Text()));
            Turns.Add(ConversationTurn.User($"Function output:\n{output(call)}".TrimEnd()));
        }

        Turns.Add(ConversationTurn.Assistant(answer));
    }

    /// <summary>A call that brings a picture, and what is said of it.</summary>
    public void Look(ToolRequest request, Picture seen, string caption, string answer)
    {
        Turns.Add(ConversationTurn.User(request.Text, Pictures()));
        Turns.Add(ConversationTurn.Assistant(request.Call.Text()));
        Turns.Add(ConversationTurn.User($"Function output:\n{caption}".TrimEnd(), seen));
        Turns.Add(ConversationTurn.Assistant(answer));
    }

    private IReadOnlyList<Picture> Pictures()
    {
        IReadOnlyList<Picture> pictures = _picture is null ? [] : [_picture];
        _picture = null;
        return pictures;
    }
}
