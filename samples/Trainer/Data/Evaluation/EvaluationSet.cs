using RwkvSk.Engine.Vision;

namespace RwkvSk.Trainer.Data;

/// <summary>
/// Questions in wordings, about pictures and with tools that training never uses. An item is a conversation of the held-out side, cut before one
/// of the assistant's turns.
/// </summary>
internal sealed class EvaluationSet : IDisposable
{
    private readonly SceneRenderer _renderer = new(RenderStyle.Evaluation);
    private readonly SkiaImageDecoder _decoder = new();
    private readonly PictureTalk _pictures;
    private readonly ToolTalk _tools;
    private readonly ToolTalk _unseenTools;
    private readonly SceneQuestions _questions = new(Split.HeldOut);
    private readonly IReadOnlyList<(double Weight, Func<Random, EvaluationItem?> Draw)> _mix;

    private EvaluationSet()
    {
        _pictures = new(Split.HeldOut, Paint);
        _tools = new(Split.Training, Split.HeldOut, Paint);
        _unseenTools = new(Split.HeldOut, Split.HeldOut, Paint);
        _mix =
        [
            (0.10, r => Question("counts", QuestionKind.Count, r)),
            (0.08, r => Question("colour", QuestionKind.Colour, r)),
            (0.08, r => Question("shape", QuestionKind.Shape, r)),
            (0.09, r => Question("position", QuestionKind.Where, r)),
            (0.09, r => Question("yes/no", QuestionKind.YesNo, r)),
            (0.09, r => Question("description", QuestionKind.Describe, r)),
            (0.08, r => Cut("right tool", _tools.Tools(r), IsFirstCall, EvaluationCheck.ToolName, r)),
            (0.08, r => Cut("arguments", _tools.Tools(r), IsFirstCall, EvaluationCheck.Call, r)),
            (0.08, r => Cut("unseen tools", _unseenTools.Tools(r), IsFirstCall, EvaluationCheck.Call, r)),
            (0.05, r => Cut("every object", _tools.ObjectLog(r), IsCall, EvaluationCheck.Call, r)),
            (0.05, r => Cut("no tool fits", _tools.Tools(r), IsAnswerToUser, EvaluationCheck.Text, r)),
            (0.04, r => Cut("function result", _tools.Tools(r), IsAnswerToFunction, EvaluationCheck.Text, r)),
            (0.04, r => Cut("text only", _pictures.TextOnly(r), (_, _) => true, EvaluationCheck.Text, r)),
            (0.03, r => Last("multi-turn", _pictures.Questions(r))),
            (0.02, r => Last("second picture", _pictures.SecondPicture(r))),
        ];
    }

    /// <summary>Draws <paramref name="count"/> questions; equal seeds give equal questions.</summary>
    public static IReadOnlyList<EvaluationItem> Create(int seed, int count)
    {
        using var set = new EvaluationSet();
        var random = new Random(seed);
        var items = new List<EvaluationItem>(count);
        while (items.Count < count)
        {
            if (random.Weighted(set._mix)(random) is { } item)
            {
                items.Add(item);
            }
        }

        return items;
    }

    public void Dispose() => _renderer.Dispose();

    private Picture Paint(Random random)
    {
        var scene = SceneGenerator.Next(random);
        var file = _renderer.RenderEncoded(scene, random);
        return new(scene, _decoder.Decode(file, maximumPixels: 1_000_000), file);
    }

    private EvaluationItem? Question(string category, QuestionKind kind, Random random)
    {
        var picture = Paint(random);
        return _questions.Ask(kind, picture.Scene, random) is { } asked
            ? new(category, [ConversationTurn.User(asked.Question, picture)], asked.Answer, EvaluationCheck.Text)
            : null;
    }

    private static EvaluationItem Last(string category, Conversation row) =>
        new(category, [.. row.Turns.SkipLast(1)], row.Turns[^1].Text, EvaluationCheck.Text);

    private static EvaluationItem? Cut(string category, Conversation row, Func<ConversationTurn, ConversationTurn, bool> fits, EvaluationCheck check, Random random)
    {
        var places = Enumerable.Range(1, row.Turns.Count - 1).Where(i => row.Turns[i].IsTrained && fits(row.Turns[i - 1], row.Turns[i])).ToList();
        if (places.Count == 0)
        {
            return null;
        }

        var place = random.Pick(places);
        return new(category, [.. row.Turns.Take(place)], row.Turns[place].Text, check) { Tools = row.Tools };
    }

    private static bool IsCall(ConversationTurn before, ConversationTurn turn) => turn.Text.StartsWith("```", StringComparison.Ordinal);

    private static bool IsOutput(ConversationTurn turn) => turn.Text.StartsWith("Function output:", StringComparison.Ordinal);

    private static bool IsFirstCall(ConversationTurn before, ConversationTurn turn) => IsCall(before, turn) && !IsOutput(before);

    private static bool IsAnswerToUser(ConversationTurn before, ConversationTurn turn) => !IsCall(before, turn) && !IsOutput(before);

    private static bool IsAnswerToFunction(ConversationTurn before, ConversationTurn turn) => !IsCall(before, turn) && IsOutput(before);
}
