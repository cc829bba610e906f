using System.Text;
using RwkvSk.Engine.Tokenization;

namespace RwkvSk.Trainer.Data;

/// <summary>One row as the trainer reads it.</summary>
/// <param name="Kind">Which part of the mix it belongs to.</param>
/// <param name="Tokens">Token ids; <see cref="ConversationEncoder.ImagePosition"/> where an image embedding stands.</param>
/// <param name="IsTarget">Of equal length: true where this token is to be predicted from those before it.</param>
/// <param name="Pictures">In the order of their positions.</param>
internal sealed record TrainingExample(string Kind, int[] Tokens, bool[] IsTarget, IReadOnlyList<Picture> Pictures);

/// <summary>
/// Writes conversations in the one prompt format, segment by segment as generation reads them, so that training and use see the same tokens.
/// </summary>
internal sealed class ConversationEncoder(ITokenizer tokenizer, int positionsPerImage = 9, int maximumLength = 256)
{
    /// <summary>Stands in <see cref="TrainingExample.Tokens"/> for one image embedding.</summary>
    public const int ImagePosition = -1;

    /// <summary>Whole turns from the start, as many as fit; the row ends after an assistant's turn. A row whose first answer does not fit is empty.</summary>
    public TrainingExample Encode(Conversation conversation)
    {
        var tokens = new List<int>(maximumLength);
        var targets = new List<bool>(maximumLength);
        var pictures = new List<Picture>();
        var (fitting, picturesFitting) = (0, 0);
        foreach (var turn in conversation.Turns)
        {
            Append(turn, tokens, targets);
            pictures.AddRange(turn.Pictures);
            if (tokens.Count > maximumLength)
            {
                break;
            }

            if (turn.Role == Role.Assistant)
            {
                (fitting, picturesFitting) = (tokens.Count, pictures.Count);
            }
        }

        return new(conversation.Kind, [.. tokens.Take(fitting)], [.. targets.Take(fitting)], pictures[..picturesFitting]);
    }

    /// <summary>The segments of one turn's text, as they are tokenised; null stands for an image.</summary>
    public static IReadOnlyList<string?> Segments(ConversationTurn turn)
    {
        if (turn.Role == Role.Assistant)
        {
            return ["Assistant:", $" {turn.Text}\n\n"];
        }

        if (turn.Pictures.Count == 0)
        {
            return [$"{turn.Role}: {turn.Text}\n\n"];
        }

        // A function's picture stands behind the words that open its result.
        const string Output = "Function output:";
        var (before, text) = turn.Text.StartsWith(Output, StringComparison.Ordinal) ? (Output + "\n", turn.Text[Output.Length..].TrimStart('\n')) : (string.Empty, turn.Text);
        var segments = new List<string?> { $"{turn.Role}: {before}" };
        foreach (var _ in turn.Pictures)
        {
            segments.Add(null);
            segments.Add("\n");
        }

        segments[^1] = text.Length > 0 ? $"\n{text}\n\n" : "\n\n";
        return segments;
    }

    private void Append(ConversationTurn turn, List<int> tokens, List<bool> targets)
    {
        var segments = Segments(turn);
        for (var i = 0; i < segments.Count; i++)
        {
            if (segments[i] is { } text)
            {
                tokenizer.Encode(Encoding.UTF8.GetBytes(text), tokens);
            }
            else
            {
                tokens.AddRange(Enumerable.Repeat(ImagePosition, positionsPerImage));
            }

            var isTarget = turn.IsTrained && i == 1;
            while (targets.Count < tokens.Count)
            {
                targets.Add(isTarget);
            }
        }
    }
}
