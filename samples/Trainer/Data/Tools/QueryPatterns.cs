namespace RwkvSk.Trainer.Data;

/// <summary>Tools that know, compute and convert.</summary>
internal static class QueryPatterns
{
    private static readonly string[] Currencies = ["EUR", "USD", "JPY", "GBP", "CHF"];
    private static readonly string[] LengthUnits = ["meters", "feet", "miles", "inches", "kilometers", "yards"];

    public static readonly IReadOnlyList<ToolPattern> All =
    [
        new()
        {
            Weight = 2.5,
            Verbs = ["get", "check", "show", "find", "fetch", "read"],
            Nouns = Things.Conditions,
            Names = ["{verb} {noun}", "{noun}.{verb} {noun}", "{noun}.{verb}", "{noun} in city", "{verb} {noun} for city", "current {noun}", "weather.{verb} {noun}"],
            Descriptions = ["{verbs} the {noun} in a city.", "{verbs} the current {noun} of a city.", "{verbs} the {noun} for a place.", "The {noun} of a city."],
            Requests = ["{verb} the {noun} in {city}", "{verb} me the {noun} in {city}", "tell me the {noun} in {city}", "look up the {noun} for {city}"],
            Questions = ["What is the {noun} in {city}?", "How is the {noun} in {city}?", "What's the {noun} like in {city}?", "What is the {noun} of {city}?", "Which {noun} does {city} have?"],
            Parameters = [new("city", ["city", "place", "location", "town", "where"], ValueKind.City), new("day", ["day", "date"], ValueKind.Day) { Mention = " on {day}" }],
            Result = ResultKind.Value,
        },
        new()
        {
            Weight = 2,
            Verbs = ["get", "find", "look up", "check", "show", "fetch"],
            Nouns = Things.Facts,
            Names = ["{verb} {noun}", "{noun}.{verb}", "{verb} {noun} of", "{verb} {noun} by name", "{noun} of"],
            Descriptions = ["{verbs} the {noun} of something.", "{verbs} the {noun} for a name.", "{verbs} a {noun} by name."],
            Requests = ["{verb} the {noun} of {name}", "tell me the {noun} of {name}", "{verb} the {noun} for {name}"],
            Questions = ["What is the {noun} of {name}?", "What {noun} does {name} have?", "Which {noun} has {name}?"],
            Parameters = [new("name", ["name", "item", "key", "what", "thing", "product"], ValueKind.Word)],
            Result = ResultKind.Value,
        },
        new()
        {
            Weight = 2,
            Verbs = ["get", "read", "check", "measure", "show"],
            Nouns = Things.Readings,
            Names = ["{verb} {noun}", "{noun}.{verb}", "sensor.{verb} {noun}", "{verb} current {noun}", "house.{verb} {noun}", "current {noun}"],
            Descriptions = ["{verbs} the {noun}.", "{verbs} the current {noun}.", "Returns the {noun}.", "Returns the current {noun} of the house."],
            Requests = ["{verb} the {noun}", "tell me the {noun}", "{verb} the current {noun}"],
            Questions = ["What is the {noun}?", "What is the current {noun}?", "What's the {noun} now?", "What {noun} is it?"],
            Result = ResultKind.Value,
        },
        new()
        {
            Weight = 2,
            Verbs = ["add", "sum", "plus"],
            Names = ["{verb}", "{verb} numbers", "math.{verb}", "calculator.{verb}", "compute sum"],
            Descriptions = ["Adds two numbers.", "Returns the sum of two numbers.", "Computes a plus b."],
            Requests = ["add {a} and {b}", "add {a} to {b}", "calculate {a} plus {b}", "sum {a} and {b}", "compute {a} + {b}"],
            Questions = ["What is {a} plus {b}?", "What is {a} + {b}?", "How much is {a} plus {b}?", "What is the sum of {a} and {b}?"],
            Parameters = [new("a", ["a", "x", "first", "left", "number1"], ValueKind.Number), new("b", ["b", "y", "second", "right", "number2"], ValueKind.Number)],
            Result = ResultKind.Value,
        },
        new()
        {
            Verbs = ["multiply", "times"],
            Names = ["{verb}", "{verb} numbers", "math.{verb}", "calculator.{verb}", "compute product"],
            Descriptions = ["Multiplies two numbers.", "Returns the product of two numbers.", "Computes a times b."],
            Requests = ["multiply {a} by {b}", "multiply {a} and {b}", "calculate {a} times {b}", "compute {a} * {b}"],
            Questions = ["What is {a} times {b}?", "What is {a} * {b}?", "How much is {a} times {b}?", "What is the product of {a} and {b}?"],
            Parameters = [new("a", ["a", "x", "first", "left", "factor1"], ValueKind.Number), new("b", ["b", "y", "second", "right", "factor2"], ValueKind.Number)],
            Result = ResultKind.Value,
        },
        new()
        {
            Verbs = ["subtract", "divide", "minus", "power", "modulo", "compare"],
            OneVerb = true,
            Names = ["{verb}", "math.{verb}", "calculator.{verb}", "{verb} numbers"],
            Descriptions = ["{verbs} two numbers.", "Computes {verb} for two numbers."],
            Requests = ["{verb} {a} and {b}", "{verb} the numbers {a} and {b}", "calculate {verb} of {a} and {b}", "use {verb} on {a} and {b}"],
            Parameters = [new("a", ["a", "x", "first", "left"], ValueKind.Number), new("b", ["b", "y", "second", "right"], ValueKind.Number)],
            Result = ResultKind.Value,
        },
        new()
        {
            Verbs = ["sum", "average", "sort", "total", "maximum", "median"],
            OneVerb = true,
            Names = ["{verb}", "{verb} list", "{verb} numbers", "statistics.{verb}", "math.{verb}"],
            Descriptions = ["Computes the {verb} of a list.", "The {verb} of several numbers.", "{verb} of all numbers."],
            Requests = ["compute the {verb} of {numbers}", "give me the {verb} of {numbers}", "{verb} the numbers {numbers}"],
            Questions = ["What is the {verb} of {numbers}?"],
            Parameters = [new("numbers", ["numbers", "values", "list", "data"], ValueKind.Integers)],
            Result = ResultKind.Value,
        },
        new()
        {
            Weight = 1.5,
            Verbs = ["convert", "change", "exchange"],
            Names = ["{verb} currency", "currency.{verb}", "{verb} money", "money {verb}"],
            Descriptions = ["{verbs} an amount of money to another currency.", "{verbs} money.", "{verbs} one currency to another."],
            Requests = ["{verb} {amount} {from} to {to}", "{verb} {amount} {from} into {to}"],
            Questions = ["How much is {amount} {from} in {to}?", "What is {amount} {from} in {to}?"],
            Parameters =
            [
                new("amount", ["amount", "value", "sum"], ValueKind.Number),
                new("from", ["from", "source", "from currency"], ValueKind.Choice) { Choices = Currencies },
                new("to", ["to", "target", "to currency"], ValueKind.Choice) { Choices = Currencies },
            ],
            Result = ResultKind.Value,
        },
        new()
        {
            Verbs = ["convert", "change"],
            Names = ["{verb} length", "units.{verb}", "{verb} unit", "length.{verb}"],
            Descriptions = ["{verbs} a length to another unit.", "{verbs} between units of length."],
            Requests = ["{verb} {amount} {from} to {to}", "{verb} {amount} {from} into {to}"],
            Questions = ["How many {to} are {amount} {from}?", "How much is {amount} {from} in {to}?"],
            Parameters =
            [
                new("amount", ["amount", "value", "length", "number"], ValueKind.Number),
                new("from", ["from", "unit", "from unit"], ValueKind.Choice) { Choices = LengthUnits },
                new("to", ["to", "target", "to unit"], ValueKind.Choice) { Choices = LengthUnits },
            ],
            Result = ResultKind.Value,
        },
        new()
        {
            Weight = 1.5,
            Verbs = ["translate", "spell", "define", "reverse", "count", "explain", "pronounce", "encode", "hash", "rhyme"],
            OneVerb = true,
            Names = ["{verb}", "{verb} word", "text.{verb}", "dictionary.{verb}", "words.{verb}"],
            Descriptions = ["{verbs} a word.", "{verbs} the given word.", "{verbs} one word or text."],
            Requests = ["{verb} {word}", "{verb} the word {word}", "{verb} {word} for me"],
            Parameters =
            [
                new("word", ["word", "text", "input", "value", "term"], ValueKind.Word),
                new("language", ["language", "lang", "to"], ValueKind.Choice) { Choices = ["French", "German", "Spanish", "Latin", "Italian", "Chinese"], Mention = " in {language}" },
            ],
            Result = ResultKind.Value,
        },
        new()
        {
            Verbs = ["roll", "draw", "throw", "pick", "generate", "flip"],
            OneVerb = true,
            Nouns = new("dice", "card", "number", "coin", "ball", "winner", "token", "name", "seed", "key"),
            Names = ["{verb} {noun}", "{noun}.{verb}", "random {noun}", "{verb} random {noun}"],
            Descriptions = ["{verbs} a {noun}.", "{verbs} a random {noun}.", "{verbs} some {noun}."],
            Requests = ["{verb} a {noun}", "{verb} the {noun}", "{verb} one {noun}"],
            Parameters = [new("count", ["count", "times", "sides"], ValueKind.Integer) { Mention = " {count} times" }],
            Result = ResultKind.Value,
        },
    ];
}
