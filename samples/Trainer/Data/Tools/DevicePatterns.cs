namespace RwkvSk.Trainer.Data;

/// <summary>Tools that act on things in the house: set, switch, open, move.</summary>
internal static class DevicePatterns
{
    private static readonly string[] Modes = ["auto", "manual", "eco", "boost", "night", "day", "quiet", "fast", "slow", "sleep", "party", "normal"];
    private static readonly string[] Directions = ["left", "right", "forward", "back", "up", "down", "north", "south", "east", "west"];

    public static readonly IReadOnlyList<ToolPattern> All =
    [
        new()
        {
            Weight = 3,
            Verbs = ["set", "change", "turn", "make", "switch", "light"],
            Nouns = Things.Devices,
            Names = ["{verb} {noun} color", "{noun} {verb} color", "{verb} color {noun}", "{noun}.{verb} color", "{noun} color", "{noun}.color", "{noun}.set color", "color {noun}"],
            Descriptions =
            [
                "{verbs} the {noun} to a color.", "{verbs} the color of the {noun}.", "Sets the {noun}'s color.", "Gives the {noun} a color.", "The {noun} gets this color.", "Colors the {noun}.",
            ],
            Requests =
            [
                "{verb} the {noun} to {color}", "set the color of the {noun} to {color}", "{verb} the {noun} {color}", "change the {noun} to {color}", "give the {noun} {color}", "color the {noun} {color}",
                "let the {noun} have {color}", "set the {noun} to {color}", "turn the {noun} to {color}", "{verb} the {noun}'s color to {color}", "show {color} on the {noun}", "paint the {noun} {color}",
                "make the {noun} {color}", "I want the {noun} in {color}", "the {noun} should have {color}", "use {color} for the {noun}",
            ],
            Parameters =
            [
                new("color", ["color", "colour", "color", "value", "color name", "new color", "hue"], ValueKind.Colour),
                new("level", ["level", "brightness", "percent"], ValueKind.Integer) { Mention = " at level {level}" },
            ],
        },
        new()
        {
            Weight = 2,
            Verbs = ["set", "change", "adjust", "put", "bring"],
            Nouns = Things.Devices,
            Names = ["{verb} {noun} level", "{noun} {verb} level", "{noun}.{verb} level", "{verb} {noun}", "{noun} level", "dim {noun}", "{noun}.{verb} percent"],
            Descriptions = ["{verbs} the level of the {noun}.", "{verbs} the {noun} to a level.", "{verbs} how strong the {noun} is.", "{verbs} the {noun}'s level.", "{verbs} the {noun} in percent."],
            Requests =
            [
                "{verb} the {noun} to {level}", "{verb} the level of the {noun} to {level}", "{verb} the {noun} to {level} percent", "set the {noun} to {level}", "turn the {noun} to level {level}",
                "{verb} the {noun} to level {level}", "I want the {noun} at {level}", "the {noun} should be at {level}", "give the {noun} level {level}",
            ],
            Parameters = [new("level", ["level", "value", "percent", "brightness", "power", "amount", "strength", "to"], ValueKind.Integer)],
        },
        new()
        {
            Weight = 2,
            Verbs = ["turn", "switch"],
            Nouns = Things.Devices,
            Names = ["{verb} {noun}", "{noun} {verb}", "{noun}.{verb}", "set {noun} power", "{noun} power", "{noun}.set state", "toggle {noun}", "{noun} on off"],
            Descriptions = ["{verbs} the {noun} on or off.", "Turns the {noun} on or off.", "Switches the {noun}.", "Sets whether the {noun} is on.", "Powers the {noun} on or off."],
            Requests = ["{verb} the {noun} {on}", "{verb} {on} the {noun}", "turn {on} the {noun}", "turn the {noun} {on}", "switch the {noun} {on}", "I want the {noun} {on}", "the {noun} should be {on}", "set the {noun} to {on}"],
            Parameters = [new("on", ["on", "enabled", "state", "power", "is on", "active", "value"], ValueKind.Switch)],
        },
        new()
        {
            Weight = 1.5,
            Verbs = ["turn on", "switch on", "start", "activate", "power up", "enable"],
            Nouns = Things.Devices,
            Names = ["{verb} {noun}", "{noun} {verb}", "{noun}.{verb}", "{noun}.{verb} {noun}"],
            Descriptions = ["{verbs} the {noun}.", "Starts the {noun}.", "{verbs} the {noun} now."],
            Requests = ["{verb} the {noun}", "turn on the {noun}", "start the {noun}", "turn the {noun} on", "switch the {noun} on"],
        },
        new()
        {
            Weight = 1.5,
            Verbs = ["turn off", "switch off", "stop", "deactivate", "shut down", "disable"],
            Nouns = Things.Devices,
            Names = ["{verb} {noun}", "{noun} {verb}", "{noun}.{verb}", "{noun}.{verb} {noun}"],
            Descriptions = ["{verbs} the {noun}.", "Stops the {noun}.", "{verbs} the {noun} now."],
            Requests = ["{verb} the {noun}", "turn off the {noun}", "stop the {noun}", "turn the {noun} off", "switch the {noun} off"],
        },
        new()
        {
            Verbs = ["set", "switch", "change", "put"],
            Nouns = Things.Devices,
            Names = ["{verb} {noun} mode", "{noun} {verb} mode", "{noun}.{verb} mode", "{noun} mode", "{noun}.mode"],
            Descriptions = ["{verbs} the mode of the {noun}.", "{verbs} the {noun} to a mode.", "Selects how the {noun} works."],
            Requests = ["{verb} the {noun} to {mode} mode", "{verb} the mode of the {noun} to {mode}", "put the {noun} in {mode} mode", "{verb} the {noun} to {mode}", "use {mode} mode on the {noun}"],
            Parameters = [new("mode", ["mode", "program", "mode", "setting", "state"], ValueKind.Choice) { Choices = Modes }],
        },
        new()
        {
            Weight = 1.5,
            Verbs = ["open", "unlock"],
            Nouns = Things.Openings,
            Names = ["{verb} {noun}", "{noun} {verb}", "{noun}.{verb}"],
            Descriptions = ["{verbs} the {noun}.", "{verbs} a {noun}.", "Opens the {noun}."],
            Requests = ["{verb} the {noun}", "{verb} the {noun} for me", "let the {noun} be open", "open the {noun}"],
            Parameters = [new("by", ["percent", "width", "level"], ValueKind.Integer) { Mention = " by {by} percent" }],
        },
        new()
        {
            Verbs = ["close", "lock", "shut"],
            Nouns = Things.Openings,
            Names = ["{verb} {noun}", "{noun} {verb}", "{noun}.{verb}"],
            Descriptions = ["{verbs} the {noun}.", "{verbs} a {noun}.", "Closes the {noun}."],
            Requests = ["{verb} the {noun}", "{verb} the {noun} for me", "close the {noun}"],
        },
        new()
        {
            Verbs = ["open", "close", "lock", "unlock", "check", "reset"],
            OneVerb = true,
            Nouns = Things.Openings,
            Names = ["{verb} {noun}", "{noun}.{verb}", "{verb} {noun} by number", "{noun} {verb}"],
            Descriptions = ["{verbs} one {noun} by its number.", "{verbs} the {noun} with this number.", "{verbs} a {noun}, given its id."],
            Requests = ["{verb} {noun} {id}", "{verb} {noun} number {id}", "{verb} the {noun} number {id}", "{verb} the {noun} with the number {id}"],
            Parameters = [new("id", ["id", "number", "index", "which", "no"], ValueKind.Count)],
        },
        new()
        {
            Weight = 1.5,
            Verbs = ["move", "drive", "send", "steer", "push"],
            Nouns = new("robot", "drone", "car", "cursor", "train", "arm", "ship", "truck", "player", "crane", "cart", "camera", "rover", "tractor", "elevator"),
            Names = ["{verb} {noun}", "{noun} {verb}", "{noun}.{verb}", "{noun}.move"],
            Descriptions = ["{verbs} the {noun} in a direction.", "{verbs} the {noun}.", "{verbs} the {noun} some steps."],
            Requests = ["{verb} the {noun} {direction}", "let the {noun} go {direction}", "make the {noun} go {direction}", "{verb} the {noun} to the {direction}"],
            Parameters =
            [
                new("direction", ["direction", "way", "to", "heading"], ValueKind.Choice) { Choices = Directions },
                new("steps", ["steps", "count", "distance", "meters"], ValueKind.Integer) { Mention = " {steps} steps" },
            ],
        },
        new()
        {
            Weight = 1.5,
            Verbs = ["move", "send", "go", "point", "aim", "put"],
            Nouns = new("robot", "arm", "cursor", "pointer", "marker", "spotlight", "camera", "laser", "pen", "drone", "needle", "arrow", "gripper", "crane", "brush"),
            Names = ["{verb} {noun}", "{noun}.{verb}", "{noun} {verb} to", "{verb} {noun} to place"],
            Descriptions = ["{verbs} the {noun} to a place.", "{verbs} the {noun} at a place of the picture.", "Brings the {noun} to a position."],
            Requests = ["{verb} the {noun} to {place}", "bring the {noun} to {place}", "I want the {noun} at {place}", "move the {noun} to {place}", "point the {noun} to {place}"],
            Parameters = [new("place", ["place", "position", "location", "target", "where", "cell"], ValueKind.Place)],
        },
        new()
        {
            Weight = 1.5,
            Verbs = ["set", "put", "change", "update"],
            Nouns = new("counter", "display", "score", "total", "page", "channel", "meter", "floor", "timer", "gauge", "level", "volume", "speed", "dial", "quota"),
            Names = ["{verb} {noun}", "{noun} {verb}", "{noun}.{verb}", "{verb} {noun} value"],
            Descriptions = ["{verbs} the {noun} to a number.", "{verbs} the {noun}.", "{verbs} the number of the {noun}."],
            Requests = ["{verb} the {noun} to {count}", "the {noun} should show {count}", "make the {noun} {count}", "set the {noun} to {count}", "let the {noun} be {count}"],
            Parameters = [new("count", ["count", "value", "number", "n", "to", "amount"], ValueKind.Count)],
        },
    ];
}
