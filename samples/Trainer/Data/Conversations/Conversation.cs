using RwkvSk.Engine.Vision;

namespace RwkvSk.Trainer.Data;

/// <summary>Who says a turn.</summary>
internal enum Role
{
    System,
    User,
    Assistant,
}

/// <summary>A painted scene.</summary>
/// <param name="Scene">What it shows.</param>
/// <param name="Image">Its pixels.</param>
/// <param name="Encoded">It as a file; empty in training, where nobody needs the file.</param>
internal sealed record Picture(Scene Scene, RgbImage Image, ReadOnlyMemory<byte> Encoded = default);

/// <summary>One role's part of a conversation.</summary>
/// <param name="Role">Who speaks.</param>
/// <param name="Text">The words, without role name and closing.</param>
/// <param name="Pictures">Shown before the words; users only.</param>
/// <param name="IsTrained">Whether a model is to learn to say this; assistants only.</param>
internal sealed record ConversationTurn(Role Role, string Text, IReadOnlyList<Picture> Pictures, bool IsTrained)
{
    public static ConversationTurn System(string text) => new(Role.System, text, [], false);

    public static ConversationTurn User(string text, params IReadOnlyList<Picture> pictures) => new(Role.User, text, pictures, false);

    public static ConversationTurn Assistant(string text) => new(Role.Assistant, text, [], true);
}

/// <summary>One row of training data.</summary>
/// <param name="Kind">Which part of the mix it belongs to.</param>
/// <param name="Turns">In reading order.</param>
internal sealed record Conversation(string Kind, IReadOnlyList<ConversationTurn> Turns)
{
    /// <summary>What the tools block of its system text declares.</summary>
    public IReadOnlyList<Tool> Tools { get; init; } = [];

    public IEnumerable<Picture> Pictures => Turns.SelectMany(t => t.Pictures);
}
