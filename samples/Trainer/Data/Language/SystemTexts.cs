namespace RwkvSk.Trainer.Data;

/// <summary>Sentences that applications put before a conversation; none changes an answer.</summary>
internal static class SystemTexts
{
    public static readonly IReadOnlyList<string> Plain =
    [
        "You are a helpful assistant.", "You are Gosling.", "You look at pictures and answer questions.", "Answer briefly.", "You are a friendly assistant.",
        "Be short and exact.", "You help people with pictures.", "You are an assistant that sees.", "Answer the user's questions.", "You are a small model that answers questions about pictures.",
        "Use the tools when they fit.", "You can call functions.", "You are a helpful assistant with tools.", "Answer in one sentence.", "Be polite.",
        "You describe images.", "You are a careful observer.", "You control a house.", "You are a home assistant.", "Look closely.",
    ];
}
