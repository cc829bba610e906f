namespace RwkvSk.Trainer.Data;

/// <summary>Sentences around a clause such as "what color the circle is" or "the number of stars".</summary>
internal static class Frames
{
    public static readonly SplitTable<string> Table = new SplitTable<string>(
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
        "Please find out {clause}.").TrainedWith(
        "What I want to know is {clause}.", "I ask myself {clause}.", "Explain to me {clause}.", "Show me {clause}.", "Is it clear {clause}?",
        "Could you find out {clause}?", "Can you find {clause}?", "Please find {clause}.", "I cannot see {clause}.", "I do not see {clause}.",
        "Just tell me {clause}.", "Now tell me {clause}.", "So tell me {clause}.", "Do tell me {clause}.", "Write {clause}.",
        "Write down {clause}.", "Report {clause}.", "Describe {clause}.", "I am asking {clause}.", "The question is {clause}.",
        "My question is {clause}.", "Next question: {clause}?", "Simple question: {clause}?", "We want to know {clause}.", "We need {clause}.",
        "I need {clause}.", "I want {clause}.", "Look and say {clause}.", "Look at it and say {clause}.", "Check {clause}.",
        "Please check {clause}.", "Try to say {clause}.", "Would you know {clause}?", "Will you tell me {clause}?", "Have you seen {clause}?",
        "Help me find out {clause}.", "I forgot {clause}.", "Remind me {clause}.", "Can you read from the {pic} {clause}?", "From the {pic}, tell me {clause}.");

    /// <summary>Words before a question that change nothing.</summary>
    public static readonly IReadOnlyList<string> Openers =
        ["And ", "Now, ", "OK, ", "So, ", "Hey, ", "Well, ", "Hi, ", "Next, ", "Then ", "Please, ", "Question: ", "Thanks. ", "Good, ", "Hello, "];
}
