using System.Diagnostics;
using RwkvSk.Engine;
using RwkvSk.Engine.Prompts;

namespace RwkvSk.Connector.Prompting;

/// <summary>
/// Turns a conversation into a prompt: a system turn (with the tools), one turn for each utterance or result, the opening of the answer. Every turn
/// ends on a blank line and holds none before its end, so an earlier part of a conversation is always a whole number of equal turns.
/// </summary>
internal sealed class ChatPromptRenderer(ModelPreset preset)
{
    /// <summary>The answer's opening. The space the model then writes is not part of its answer.</summary>
    public const string AnswerOpening = "Assistant:";

    /// <summary>The opening where the answer has to be a function call.</summary>
    public const string CallOpening = $"Assistant: {ToolCallFormat.CallOpening}\n";

    private const string TurnEnd = "\n\n";

    /// <summary>Renders a conversation.</summary>
    /// <param name="utterances">In order. Leading system utterances become one system turn.</param>
    /// <param name="tools">What the model may call; shown whenever there are any, even in a round that must not call.</param>
    /// <param name="opening">How the answer begins: <see cref="AnswerOpening"/> or a longer one; null where no answer is to follow.</param>
    /// <param name="read">Names of tools that the model has read about before; they are not shown again.</param>
    public Prompt Render(
        IReadOnlyList<Utterance> utterances, IReadOnlyList<ToolDeclaration> tools, string? opening = AnswerOpening, IReadOnlyCollection<string>? read = null)
    {
        var turns = new List<Turn>(utterances.Count + 2);
        var leading = utterances.TakeWhile(static u => u.Role is PromptRole.System).ToList();
        var system = leading.Select(static u => TextOf(u, "\n")).Where(static text => text.Length > 0).ToList();
        var shown = read is { Count: > 0 } ? [.. tools.Where(tool => !read.Contains(tool.Name))] : tools;
        if (shown.Count > 0)
        {
            system.Add(ToolCallFormat.Tools(shown));
        }

        if (system.Count > 0)
        {
            turns.Add(new Turn($"System: {string.Join('\n', system)}{TurnEnd}"));
        }

        foreach (var utterance in utterances.Skip(leading.Count))
        {
            turns.AddRange(TurnsOf(utterance, tools));
        }

        if (opening is not null)
        {
            turns.Add(new Turn(opening));
        }

        return new Prompt(turns);
    }

    /// <summary>How a user's turn begins that shows a picture before anything else.</summary>
    public static Turn BeginningWith(ImagePart picture) => new(new TextSegment("User: "), picture.ToSegment());

    private IEnumerable<Turn> TurnsOf(Utterance utterance, IReadOnlyList<ToolDeclaration> tools)
    {
        foreach (var result in utterance.Parts.OfType<ResultPart>())
        {
            yield return ResultTurn(result);
        }

        var turn = utterance.Role switch
        {
            PromptRole.System => TextTurn("System", TextOf(utterance, "\n")),
            PromptRole.User => UserTurn(utterance),
            PromptRole.Assistant => TextTurn("Assistant", AnswerOf(utterance, tools)),
            PromptRole.Tool => null,
            _ => throw new UnreachableException($"unhandled role {utterance.Role}"),
        };
        if (turn is not null)
        {
            yield return turn;
        }
    }

    private static Turn? TextTurn(string role, string text) => text.Length > 0 ? new Turn($"{role}: {text}{TurnEnd}") : null;

    private Turn? UserTurn(Utterance utterance)
    {
        var text = TextOf(utterance, "\n");
        var images = utterance.Parts.OfType<ImagePart>().ToList();
        if (images.Count == 0)
        {
            return TextTurn("User", text);
        }

        // The sandwich repeats the instruction before the picture; without an instruction there is nothing to repeat.
        var before = preset.ImagePlacement is ImagePlacement.Sandwich && text.Length > 0 ? $"User: {text}\n" : "User: ";
        return new Turn(WithImages(before, images, text));
    }

    private static Turn ResultTurn(ResultPart result)
    {
        var text = TurnText.Clean(result.Text);
        var first = $"User: {ToolCallFormat.ResultOpening}";
        return result.Images.Count == 0
            ? new Turn(text.Length > 0 ? $"{first}\n{text}{TurnEnd}" : $"{first}{TurnEnd}")
            : new Turn(WithImages($"{first}\n", result.Images, text));
    }

    private static List<PromptSegment> WithImages(string before, IReadOnlyList<ImagePart> images, string text)
    {
        var segments = new List<PromptSegment> { new TextSegment(before) };
        foreach (var image in images)
        {
            if (segments.Count > 1)
            {
                segments.Add(new TextSegment("\n"));
            }

            segments.Add(image.ToSegment());
        }

        segments.Add(new TextSegment(text.Length > 0 ? $"\n{text}{TurnEnd}" : TurnEnd));
        return segments;
    }

    private static string TextOf(Utterance utterance, string separator) =>
        TurnText.Clean(string.Join(separator, utterance.Parts.OfType<TextPart>().Select(static part => part.Text).Where(static text => !string.IsNullOrEmpty(text))));

    /// <summary>An answer's parts are what was streamed, so they join without a gap.</summary>
    private static string AnswerOf(Utterance utterance, IReadOnlyList<ToolDeclaration> tools)
    {
        var text = TurnText.Clean(TurnText.WithoutThinking(string.Concat(utterance.Parts.OfType<TextPart>().Select(static part => part.Text))));
        var calls = utterance.Parts.OfType<CallPart>().Select(part => ToolCallFormat.Call(part.Call, tools));
        return string.Join('\n', calls.Prepend(text).Where(static part => part.Length > 0));
    }
}
