namespace RwkvSk.Engine.Constraints;

/// <summary>The text around a call: what opens it, what closes it.</summary>
/// <param name="Opening">Before the call's JSON; may be empty where the prompt opens the call already.</param>
/// <param name="Closing">Behind it; may be empty.</param>
public sealed record ToolCallFrame(string Opening, string Closing)
{
    /// <summary>A fenced block behind the space that begins an answer.</summary>
    public static ToolCallFrame Fenced { get; } = new(" ```json\n", "\n```");

    /// <summary>The JSON alone.</summary>
    public static ToolCallFrame Bare { get; } = new("", "");
}
