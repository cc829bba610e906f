namespace RwkvSk.Trainer.Data;

/// <summary>Sentences around a clause such as "what color the circle is" or "the number of stars".</summary>
internal static class Frames
{
    public static readonly SplitTable<string> Table = new(
        "Tell me {clause}.",
        "Can you tell me {clause}?",
        "Please tell me {clause}.",
        "I want to know {clause}.",
        "Could you say {clause}?",
        "Say {clause}.",
        "Could you tell me {clause}?",
        "Do you know {clause}?",
        "Let me know {clause}.",
        "Would you tell me {clause}?",
        "I would like to know {clause}.",
        "Give me {clause}.",
        "Look at the {pic} and tell me {clause}.",
        "Can you say {clause}?",
        "Please let me know {clause}.",
        "Find out {clause}.",
        "Can you see {clause}?",
        "Name {clause}.",
        "I need to know {clause}.",
        "Please say {clause}.",
        "Could you please tell me {clause}?",
        "Can you give me {clause}?",
        "Please give me {clause}.",
        "I'd like to know {clause}.",
        "Would you say {clause}?",
        "Looking at the {pic}, tell me {clause}.",
        "Help me: {clause}?",
        "Answer this: {clause}?",
        "I have a question: {clause}?",
        "Please find out {clause}.");

    /// <summary>Words before a question that change nothing.</summary>
    public static readonly IReadOnlyList<string> Openers =
        ["And ", "Now, ", "OK, ", "So, ", "Hey, ", "Well, ", "Hi, ", "Next, ", "Then ", "Please, ", "Question: ", "Thanks. ", "Good, ", "Hello, "];
}
