namespace RwkvSk.Trainer.Data;

/// <summary>Talk about nothing in a picture: who says what, and the one answer.</summary>
internal static class SmallTalk
{
    public const string Introduction = "I am Gosling, a small VisualRWKV model.";
    public const string Abilities = "I can describe pictures, answer questions about them and call functions.";
    public const string Refusal = "I do not know that.";
    public const string NoPicture = "I do not see a picture.";

    private static readonly (Wording Wording, string Answer)[] Topics =
    [
        (Say("Hello!", "Hi!", "Hi there!", "Good morning!", "Hey!", "Hello there!", "Hello.", "Good evening!", "Hi.", "Greetings!", "Good day!",
            "Hello Gosling!", "Hey there!", "Hi Gosling!", "Hello, Gosling.", "Good afternoon!", "hello", "hi", "Hello, hello!", "Hi, hello!",
            "Hello again!", "Hi, friend!", "Hello, my friend!", "Hey you!", "Good to see you!", "Nice to meet you!", "A good morning to you!", "Hello to you!", "Hey hey!", "Good morning, Gosling!"), "Hello!"),
        (Say("Who are you?", "What are you?", "What is your name?", "Tell me who you are.", "Who am I talking to?", "What's your name?",
            "What model are you?", "Introduce yourself.", "Please introduce yourself.", "Who is this?", "Who are you, please?", "Which model are you?", "Are you a model?",
            "What are you called?", "Do you have a name?", "Say who you are.", "And who are you?", "What should I call you?", "Tell me your name.", "Can you introduce yourself?",
            "What is this model?", "Whom do I talk to?", "With whom do I speak?", "Do you have some name?", "Your name?", "May I know your name?", "Which name do you have?", "How are you called?", "Say your name.", "Who is talking?", "Who is there?", "What is your name, please?", "Are you a person?", "Are you a machine?", "Give me your name."), Introduction),
        (Say("Thanks!", "Thank you!", "Thank you very much!", "Thanks a lot!", "Many thanks!", "Thank you.", "Great, thanks!", "Thanks.", "That helps, thank you!",
            "Perfect, thanks!", "OK, thank you!", "Good, thank you.", "Thank you so much!", "Nice, thanks.", "Thank you for your help!", "thanks", "Thank you, Gosling!",
            "Thanks for that!", "Thank you for the answer.", "Thanks for your help!", "Wonderful, thank you!", "Cool, thanks!", "Thank you, that is all.", "I thank you!", "That was good, thanks.", "Thanks, friend!", "Thank you for telling me."), "You are welcome."),
        (Say("What can you do?", "What are you able to do?", "How can you help me?", "What can I ask you?", "Can you help me?", "What do you do?", "What are you good at?",
            "What can I do with you?", "Tell me what you can do.", "What are you for?", "Help!", "What can you help me with?", "What are your abilities?", "How can you help?",
            "What do you know?", "What can one do with you?", "Which things can you do?", "What are you made for?", "What is your purpose?", "What is your job?", "Why are you here?", "Tell me your abilities.", "Say what you can do.", "How do I use you?", "What may I ask?", "What do you help with?", "What would you do for me?", "Which tasks can you do?", "Please help me.", "I need help."), Abilities),
        (Say("Goodbye!", "Bye!", "See you!", "Good night!", "Bye bye!", "Goodbye.", "See you later!", "Bye.", "Have a nice day!", "I have to go now.",
            "See you soon!", "Until next time!", "I must leave now.", "That is all, bye!", "So long!", "Goodbye, Gosling!"), "Goodbye!"),
        (Say("How are you?", "How are you today?", "How are you doing?", "How do you do?", "Are you well?", "How is it going?", "How do you feel?", "Are you fine?",
            "How are things?", "How is your day?", "All well with you?", "Is everything fine?", "How are you feeling?", "Do you feel well?", "And how are you?"), "I am fine, thank you."),
    ];

    /// <summary>A greeting, a thank you and the like, with its answer.</summary>
    public static (string Question, string Answer) Next(Random random, Split split)
    {
        var (wording, answer) = random.Chance(0.6) ? Topics[random.Next(4)] : random.Pick(Topics);
        return (wording.Ask(random, split), answer);
    }

    /// <summary>A question that a small model has no business answering.</summary>
    public static (string Question, string Answer) Unknown(Random random, Split split) => (UnknownTopics.Ask(random, split), Refusal);

    /// <summary>Every table of this room, for the law that the sides of the hold-out share nothing.</summary>
    public static IEnumerable<Wording> Wordings => Topics.Select(t => t.Wording);

    private static Wording Say(params string[] sentences) => new(sentences, []);
}
