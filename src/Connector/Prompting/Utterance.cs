using RwkvSk.Engine.Prompts;

namespace RwkvSk.Connector.Prompting;

/// <summary>Whose part of the conversation an utterance is.</summary>
internal enum PromptRole
{
    System,
    User,
    Assistant,
    Tool,
}

/// <summary>
/// What one side says, in the form the renderer understands. Semantic Kernel's and Microsoft.Extensions.AI's messages are both read into this, so
/// one conversation gives one prompt whichever way it came.
/// </summary>
internal sealed record Utterance(PromptRole Role, IReadOnlyList<UtterancePart> Parts)
{
    public Utterance(PromptRole role, string text)
        : this(role, [new TextPart(text)])
    {
    }
}

/// <summary>Text, a picture, a call or a call's result.</summary>
internal abstract record UtterancePart;

/// <summary>Text as the caller wrote it; the renderer cleans it.</summary>
internal sealed record TextPart(string Text) : UtterancePart;

/// <summary>A picture's file.</summary>
internal sealed record ImagePart(ReadOnlyMemory<byte> Encoded) : UtterancePart
{
    public ImageSegment ToSegment() => new(Encoded);
}

/// <summary>A function call the assistant made.</summary>
internal sealed record CallPart(ToolCall Call) : UtterancePart;

/// <summary>What a function returned: text and pictures.</summary>
internal sealed record ResultPart(string Text, IReadOnlyList<ImagePart> Images) : UtterancePart;
