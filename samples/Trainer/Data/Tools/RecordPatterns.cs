namespace RwkvSk.Trainer.Data;

/// <summary>Tools that write, add, send, delete and search.</summary>
internal static class RecordPatterns
{
    public static readonly IReadOnlyList<ToolPattern> All =
    [
        new()
        {
            Weight = 2.5,
            Verbs = ["add", "create", "write", "make", "save", "store"],
            Nouns = Things.Records,
            Names = ["{verb} {noun}", "{noun} {verb}", "{noun}s.{verb}", "{noun}s.{verb} {noun}", "new {noun}", "{verb} {noun} text"],
            Descriptions = ["{verbs} a {noun}.", "{verbs} a new {noun} with a text.", "{verbs} a {noun} with this text.", "{verbs} one {noun} to the list."],
            Requests = ["{verb} a {noun}: {text}", "{verb} a {noun} {text}", "{verb} the {noun} {text}", "{verb} a new {noun} {text}", "{verb} a {noun} with the text {text}", "{verb} a {noun} that says {text}", "{verb} a {noun} called {text}"],
            Parameters =
            [
                new("text", ["text", "title", "content", "name", "body", "subject", "value"], ValueKind.Phrase),
                new("priority", ["priority", "urgency", "importance"], ValueKind.Choice) { Choices = ["low", "high", "normal", "urgent"], Mention = " with {priority} priority" },
            ],
        },
        new()
        {
            Verbs = ["delete", "remove", "erase", "cancel", "drop"],
            Nouns = Things.Records,
            Names = ["{verb} {noun}", "{noun} {verb}", "{noun}s.{verb}", "{noun}s.{verb} {noun}"],
            Descriptions = ["{verbs} a {noun}.", "{verbs} the {noun} with this name.", "{verbs} one {noun} by its name."],
            Requests = ["{verb} the {noun} {name}", "{verb} {noun} {name}", "{verb} the {noun} called {name}", "{verb} the {noun} named {name}"],
            Parameters = [new("name", ["name", "title", "id", "key", "which"], ValueKind.Word)],
        },
        new()
        {
            Weight = 1.5,
            Verbs = ["get", "open", "show", "read", "find", "load", "print", "download"],
            Nouns = Things.Records,
            Names = ["{verb} {noun}", "{noun} {verb}", "{noun}s.{verb}", "{noun}s.{verb} by id"],
            Descriptions = ["{verbs} a {noun} by its id.", "{verbs} the {noun} with this number.", "{verbs} one {noun}."],
            Requests = ["{verb} {noun} {id}", "{verb} the {noun} {id}", "{verb} {noun} number {id}", "{verb} the {noun} with the id {id}"],
            Parameters = [new("id", ["id", "number", "key", "code", "reference"], ValueKind.Code)],
            Result = ResultKind.Value,
        },
        new()
        {
            Verbs = ["list", "show", "get", "count", "clear", "print", "export"],
            OneVerb = true,
            Nouns = Things.Records,
            Names = ["{verb} {noun}s", "{noun}s.{verb}", "{noun}s.{verb} all", "{verb} all {noun}s"],
            Descriptions = ["{verbs} all {noun}s.", "{verbs} the {noun}s.", "{verbs} every {noun}."],
            Requests = ["{verb} all {noun}s", "{verb} the {noun}s", "{verb} my {noun}s", "{verb} every {noun}"],
            Result = ResultKind.Value,
        },
        new()
        {
            Weight = 2,
            Verbs = ["send", "write", "mail"],
            Nouns = new("message", "mail", "email", "text", "telegram", "letter", "note", "sms", "postcard", "fax"),
            Names = ["{verb} {noun}", "{noun} {verb}", "{noun}.{verb}", "{verb} {noun} to", "messenger.{verb} {noun}"],
            Descriptions = ["{verbs} a {noun} to someone.", "{verbs} a {noun}.", "{verbs} somebody a {noun}."],
            Requests = ["{verb} a {noun} to {to}: {text}", "{verb} {to} a {noun}: {text}", "{verb} {to} a {noun} that says {text}", "{verb} a {noun} to {to} saying {text}", "tell {to} by {noun}: {text}"],
            Parameters = [new("to", ["to", "recipient", "person", "name", "receiver"], ValueKind.Person), new("text", ["text", "message", "body", "content"], ValueKind.Phrase)],
        },
        new()
        {
            Verbs = ["call", "phone", "invite", "greet", "notify", "find", "ring", "follow", "welcome", "pay"],
            OneVerb = true,
            Names = ["{verb} person", "{verb}", "people.{verb}", "{verb} contact", "{verb} someone", "contacts.{verb}"],
            Descriptions = ["{verbs} a person.", "{verbs} someone by name.", "{verbs} a contact."],
            Requests = ["{verb} {who}", "{verb} {who} for me", "{verb} {who} now"],
            Parameters = [new("who", ["name", "person", "who", "contact", "user"], ValueKind.Person)],
        },
        new()
        {
            Weight = 1.5,
            Verbs = ["search", "look up", "find", "google"],
            Nouns = new("web", "catalog", "library", "archive", "wiki", "store", "internet", "database", "shop", "index"),
            Names = ["{verb} {noun}", "{noun}.{verb}", "{noun} search", "{verb} in {noun}"],
            Descriptions = ["Searches the {noun}.", "Searches the {noun} for a text.", "Finds something in the {noun}."],
            Requests = ["search the {noun} for {query}", "look for {query} in the {noun}", "find {query} in the {noun}", "look up {query} in the {noun}"],
            Parameters = [new("query", ["query", "text", "q", "term", "what", "keywords"], ValueKind.Phrase), new("limit", ["limit", "max", "count"], ValueKind.Integer) { Mention = " and show {limit} results" }],
            Result = ResultKind.Value,
        },
        new()
        {
            Weight = 1.5,
            Verbs = ["order", "buy", "get", "purchase"],
            Nouns = Things.Goods,
            Names = ["{verb} {noun}", "{noun} {verb}", "shop.{verb} {noun}", "{noun}.{verb}"],
            Descriptions = ["{verbs} some {noun}.", "{verbs} a number of {noun}s.", "{verbs} {noun}s in the shop."],
            Requests = ["{verb} {count} {noun}s", "{verb} me {count} {noun}s", "I need {count} {noun}s", "{verb} {count} of the {noun}s"],
            Parameters =
            [
                new("count", ["count", "quantity", "amount", "number"], ValueKind.Integer),
                new("size", ["size"], ValueKind.Choice) { Choices = ["small", "medium", "large"], Mention = " in size {size}" },
                new("note", ["note", "remark", "name"], ValueKind.Person) { Mention = " for {note}" },
            ],
        },
        new()
        {
            Verbs = ["add", "put", "append"],
            Nouns = new("list", "cart", "basket", "collection", "menu", "box", "inventory", "bag", "plan", "stock"),
            Names = ["{verb} to {noun}", "{noun}.{verb}", "{noun} {verb} items", "{verb} items to {noun}"],
            Descriptions = ["{verbs} items to the {noun}.", "{verbs} several things to the {noun}."],
            Requests = ["{verb} {items} to the {noun}", "I want {items} in the {noun}", "put {items} in the {noun}"],
            Parameters = [new("items", ["items", "things", "names", "entries"], ValueKind.Items)],
        },
        new()
        {
            Weight = 1.5,
            Verbs = ["say", "speak", "print", "show", "display", "write", "repeat", "announce", "echo", "shout"],
            Names = ["{verb}", "{verb} text", "speaker.{verb}", "console.{verb}", "screen.{verb} text", "{verb} message"],
            Descriptions = ["{verbs} a text.", "{verbs} the given words.", "{verbs} this text."],
            Requests = ["{verb} {text}", "{verb} the words {text}", "{verb} the text {text}"],
            Parameters = [new("text", ["text", "message", "words", "value", "content"], ValueKind.Phrase)],
        },
        new()
        {
            Weight = 1.5,
            Verbs = ["set", "start", "make"],
            Nouns = new("timer", "alarm", "countdown", "stopwatch", "egg timer", "reminder", "break", "clock", "pause", "hourglass"),
            Names = ["{verb} {noun}", "{noun}.{verb}", "{noun} {verb}"],
            Descriptions = ["{verbs} a {noun}.", "{verbs} a {noun} for some minutes.", "{verbs} the {noun} in minutes."],
            Requests = ["{verb} a {noun} for {minutes} minutes", "{verb} the {noun} to {minutes} minutes", "I need a {noun} of {minutes} minutes", "{verb} a {minutes} minute {noun}"],
            Parameters =
            [
                new("minutes", ["minutes", "duration", "time", "length"], ValueKind.Integer),
                new("label", ["label", "name", "title"], ValueKind.Word) { Mention = " called {label}" },
            ],
        },
        new()
        {
            Weight = 1.5,
            Verbs = ["book", "schedule", "plan", "arrange", "reserve"],
            Nouns = new("meeting", "table", "room", "visit", "flight", "call", "trip", "class", "lunch", "appointment", "seat", "tour", "taxi", "party", "ceremony"),
            Names = ["{verb} {noun}", "{noun}.{verb}", "calendar.{verb} {noun}", "{noun} {verb}"],
            Descriptions = ["{verbs} a {noun}.", "{verbs} a {noun} on a day.", "{verbs} a {noun} for a day and a time."],
            Requests = ["{verb} a {noun} on {day}", "{verb} a {noun} for {day}", "I need a {noun} on {day}"],
            Parameters =
            [
                new("day", ["day", "date", "when"], ValueKind.Day),
                new("time", ["time", "at", "hour"], ValueKind.Time) { Mention = " at {time}" },
                new("who", ["person", "who", "name", "guest"], ValueKind.Person) { Mention = " with {who}" },
            ],
        },
    ];
}
