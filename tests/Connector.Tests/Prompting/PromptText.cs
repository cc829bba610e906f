using RwkvSk.Engine.Prompts;

namespace RwkvSk.Connector.Tests.Prompting;

/// <summary>Shows a prompt as text: turns as they are, pictures as their number in the order of first appearance.</summary>
internal static class PromptText
{
    public static IReadOnlyList<string> Turns(Prompt prompt)
    {
        var pictures = new List<string>();
        return [.. prompt.Turns.Select(turn => string.Concat(turn.Segments.Select(segment => segment switch
        {
            TextSegment text => text.Text,
            ImageSegment image => $"[{Number(image)}]",
            _ => "?",
        })))];

        int Number(ImageSegment image)
        {
            var content = Convert.ToHexString(image.Encoded.Span);
            if (!pictures.Contains(content))
            {
                pictures.Add(content);
            }

            return pictures.IndexOf(content) + 1;
        }
    }
}
