namespace RwkvSk.Trainer.Data;

/// <summary>Questions about the world, about numbers, about anything that is in no picture.</summary>
internal static class UnknownTopics
{
    public static readonly Wording Wording = new(
        [
            "What is the capital of {land}?", "Who wrote {title}?", "What is {n} plus {m}?", "How old is {person}?", "What is the weather in {city}?",
            "What time is it?", "Who is {person}?", "How far is it from {city} to {other}?", "Translate {word} into {language}.", "Who won the {event} in {year}?",
            "Why is the sky blue?", "When was {person} born?", "How do I get to {city}?", "What is {n} times {m}?", "Write a poem about {topic}.",
            "What does {word} mean?", "Who is the president of {land}?", "How many people live in {city}?", "Tell me a joke.", "What is {topic}?",
            "Explain {topic} to me.", "How does {topic} work?", "What day is it today?", "Where is {city}?", "Where do {topic} come from?",
            "Will it rain in {city} tomorrow?", "What is the meaning of life?", "How tall is {person}?", "Tell me about {person}.", "Who invented {topic}?",
            "What should I eat today?", "Which language do they speak in {land}?", "How much is {n} minus {m}?", "How do I cook {topic}?", "What is your favorite {topic}?",
            "Give me a recipe for {topic}.", "What is the population of {land}?", "Tell me a story about {topic}.", "What is the price of {topic}?", "Is {person} still alive?",
            "What is the news today?", "Solve {n} divided by {m}.", "How do you spell {word}?", "Who painted {title}?", "Play {title}.",
            "What is the square root of {n}?", "Where was {person} born?", "Calculate {n} + {m}.", "Who sings {title}?", "How deep is the sea at {city}?",
            "Do you know {person}?", "Recommend a book about {topic}.", "What happened in {year}?", "How long does it take to get to {city}?", "What is the best {topic} in {city}?",
            "Write a letter to {person}.", "How many days are in a year?", "Why do {topic} matter?", "What is {topic} made of?", "Book a flight to {city}.",
            "Send a mail to {person}.", "Call {person}.", "Turn on the {topic}.", "Set a timer for {n} minutes.", "Remind me to call {person}.",
            "Order {topic} for me.", "Open the {topic}.", "What is the temperature in {city}?", "Stop the {topic}.", "Is it {year} now?",
            "Is {city} in {land}?", "Was {person} ever in {city}?", "Are {topic} good for me?", "Is there {topic} in {city}?", "Do you like {topic}?",
            "Can you drive to {city}?", "Does {person} like {topic}?", "Did {person} win the {event}?", "Has {person} called?", "Should I buy {topic}?",
            "What year is it?", "What month is it?", "When is the next {event}?", "When does the {event} begin?", "When did {land} win the {event}?",
            "Who is the tallest person in {land}?", "Who lives in {city}?", "Who made {topic}?", "Who likes {topic}?", "Whose {topic} is it?",
            "Which {topic} do you like?", "Which country is {city} in?", "Which is larger, {n} or {m}?", "Which train goes to {city}?", "Which team won the {event}?",
            "How much does {topic} cost?", "How many {topic} are there in {land}?", "How fast is {person}?", "How big is {city}?", "How many people know {person}?",
            "Where can I buy {topic}?", "Where does {person} live?", "Where is the best {topic}?", "Where did you learn about {topic}?", "Where is my {topic}?",
            "Why is {person} in {city}?", "Why do people like {topic}?", "Why did {land} lose the {event}?", "Why is it cold in {city}?", "Why not {n}?",
            "Sing {title}.", "Read me {title}.", "Draw {topic}.", "Buy {topic} in {city}.", "Sell the {topic}.",
            "Add {n} and {m}.", "Count to {n}.", "Multiply {n} by {m}.", "Compare {city} and {other}.", "Sum up {title}.",
            "Say something in {language}.", "Say {word} in {language}.", "What is {word} in {language}?", "Do you speak {language}?", "Spell {word}.",
            "Tell me the time.", "Tell me the news.", "Tell me how {topic} work.", "Tell me what {word} means.", "Tell me a secret.",
            "Do you remember {person}?", "Have you been to {city}?", "Have you read {title}?", "Do you have {topic}?", "Did you sleep well in {city}?",
            "Start the {topic}.", "Switch off the {topic}.", "Bring me {topic}.", "Drive me to {city}.", "Find me a hotel in {city}.",
            "Write a song for {person}.", "Write {n} lines about {topic}.", "Ask {person} about {topic}.", "Invite {person} to the {event}.", "Wake me at {n}.",
            "My name is {person}. What is my age?", "I am in {city}. What can I do here?", "I lost my {topic}.", "I am looking for {topic}.", "I like {topic}. And you?",
        ],
        []);

    private static readonly string[] Lands = ["France", "Japan", "Peru", "Norway", "Kenya", "Italy", "Spain", "Chile", "India", "Poland", "Egypt", "Canada", "Germany", "China", "Brazil"];
    private static readonly string[] Languages = ["French", "German", "Latin", "Spanish", "Chinese", "Russian"];
    private static readonly string[] Events = ["world cup", "race", "election", "match", "war", "prize", "final"];
    private static readonly string[] Topics =
    [
        "music", "gravity", "bread", "whales", "computers", "trains", "soup", "history", "love", "electricity", "cats", "dogs", "rain", "tea", "coffee", "chess", "football",
        "the moon", "the sun", "quantum physics", "volcanoes", "bees", "money", "gold", "rice", "cheese", "art", "winter", "the internet", "a radio", "light", "door", "lamp",
    ];

    public static string Ask(Random random, Split split)
    {
        var text = Question(random, split);
        return split == Split.Training && text[^1] == '.' && !text.StartsWith("I ", StringComparison.Ordinal) && random.Chance(0.3)
            ? RequestWordings.Casual(random.Pick(RequestWordings.Frames[split]).Replace("{request}", char.ToLowerInvariant(text[0]) + text[1..^1], StringComparison.Ordinal), random)   // a frame alone shall not tell what is wanted
            : text;
    }

    private static string Question(Random random, Split split) => Wording.Ask(
        random,
        split,
        ("land", random.Chance(0.7) ? random.Pick(Lands) : Invented.Name(random)),
        ("title", random.Pick([Invented.Name(random), $"\"{Invented.Name(random)}\"", $"The {Invented.Name(random)}"])),
        ("n", random.Next(1, 1000).ToString(System.Globalization.CultureInfo.InvariantCulture)),
        ("m", random.Next(1, 100).ToString(System.Globalization.CultureInfo.InvariantCulture)),
        ("year", random.Next(1800, 2030).ToString(System.Globalization.CultureInfo.InvariantCulture)),
        ("person", random.Chance(0.5) ? random.Pick(Names.People[split]) : Invented.Name(random)),
        ("city", random.Chance(0.6) ? random.Pick(Names.Cities[split]) : Invented.Name(random)),
        ("other", random.Chance(0.6) ? random.Pick(Names.Cities[split]) : Invented.Name(random)),
        ("word", random.Chance(0.5) ? Invented.Word(random) : $"\"{Invented.Word(random)}\""),
        ("language", random.Pick(Languages)),
        ("event", random.Pick(Events)),
        ("topic", random.Chance(0.75) ? random.Pick(Topics) : Invented.Word(random)));
}
