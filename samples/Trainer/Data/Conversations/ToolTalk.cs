namespace RwkvSk.Trainer.Data;

/// <summary>Conversations with a tools block: calls, what comes back, and everything that no tool fits.</summary>
/// <param name="words">Which nouns, verbs and names the tools may have.</param>
/// <param name="split">Which ways to ask.</param>
/// <param name="paint">Makes a picture.</param>
internal sealed class ToolTalk(Split words, Split split, Func<Random, Picture> paint)
{
    private static readonly (double Weight, int Count)[] BlockSizes = [(0.22, 1), (0.3, 2), (0.25, 3), (0.14, 4), (0.06, 5), (0.03, 6)];

    /// <summary>Characters of the tools' lines; leaves room for a call in a row of 256 tokens.</summary>
    private const int LongestBlock = 320;

    private readonly SceneQuestions _questions = new(split);
    private readonly ToolFactory _factory = new(words, split);
    private readonly ValueSource _values = new(split);

    /// <summary>A few tools and a few turns; without a picture in half of the rows.</summary>
    public Conversation Tools(Random random)
    {
        var picture = random.Chance(0.55) ? paint(random) : null;
        var tools = Block(random, picture is not null);
        var writer = new ToolDialogue(random, SystemText(tools.Select(t => t.Tool), random), picture);

        // A long block leaves room for little; a short one for more calls.
        var rounds = tools.Count > 4 ? random.Next(1, 4) : tools.Count > 2 ? random.Next(2, 5) : random.Next(3, 6);
        while (rounds > 0)
        {
            if (Round(writer, tools, picture, random))
            {
                rounds--;
            }
        }

        return new(picture is null ? "tools" : "tools and picture", writer.Turns) { Tools = [.. tools.Select(t => t.Tool)] };
    }

    /// <summary>"Log every object": one call per round, row by row, then a closing sentence; or one object, or what else comes up.</summary>
    public Conversation ObjectLog(Random random)
    {
        var picture = paint(random);
        var tool = ObjectTools.Next(random, words);
        var others = Enumerable.Range(0, random.Weighted([(0.35, 0), (0.4, 1), (0.25, 2)])).Select(_ => _factory.Next(random, fromPicture: random.Chance(0.5)))
            .Where(t => t.Tool.Name != tool.Tool.Name).DistinctBy(t => t.Tool.Name).ToList();
        var writer = new ToolDialogue(random, SystemText(random.Shuffled(others.Select(t => t.Tool).Append(tool.Tool)), random), picture);
        if (random.Chance(0.15))
        {
            Answered(writer, picture, random);
        }

        if (random.Chance(0.7))
        {
            LogEvery(writer, tool, picture.Scene, random);
        }
        else
        {
            LogOne(writer, tool, picture.Scene, random);
        }

        if (random.Chance(0.5))
        {
            LogOne(writer, tool, picture.Scene, random);
        }

        if (random.Chance(0.4))
        {
            Answered(writer, picture, random);
        }

        return new("object log", writer.Turns) { Tools = [.. others.Select(t => t.Tool), tool.Tool] };
    }

    /// <summary>A tool that takes pictures, among others: what it shows is described, then asked about.</summary>
    public Conversation Looks(Random random)
    {
        var (camera, request) = CameraTools.Next(random, words, split, _values);
        var others = Enumerable.Range(0, random.Next(3)).Select(_ => _factory.Next(random, fromPicture: random.Chance(0.5)))
            .Where(t => t.Tool.Name != camera.Name).DistinctBy(t => t.Tool.Name).ToList();
        var writer = new ToolDialogue(random, SystemText(random.Shuffled(others.Select(t => t.Tool).Append(camera)), random), null);
        for (var looks = random.Next(1, 3); looks > 0; looks--)
        {
            var seen = paint(random);
            writer.Look(request, seen, CameraTools.Caption(random), SceneWords.Describe(seen.Scene));
            for (var questions = random.Next(1, 3); questions > 0; questions--)
            {
                if (others.Count == 0 || random.Chance(0.4) || !Round(writer, others, seen, random))
                {
                    Answered(writer, seen, random);
                }
            }
        }

        return new("pictures from tools", writer.Turns) { Tools = [.. others.Select(t => t.Tool), camera] };
    }

    /// <summary>Tools that can be told apart: near ones often (the same thing, another verb), never two for the same.</summary>
    internal List<ToolCase> Block(Random random, bool withPicture)
    {
        var count = random.Weighted(BlockSizes);
        var tools = new List<ToolCase> { _factory.Next(random, withPicture && random.Chance(0.6)) };
        for (var attempts = 0; tools.Count < count && attempts < 40; attempts++)
        {
            var near = random.Pick(tools);
            var candidate = random.NextDouble() switch
            {
                < 0.25 when near.Pattern.Nouns is not null || near.Pattern.Verbs.Length == 0 => _factory.Make(near.Pattern, random),
                < 0.5 when DevicePatterns.All.Contains(near.Pattern) => _factory.Make(random.Pick(DevicePatterns.All), random, near.Noun),
                < 0.5 when near.Pattern.Verbs.Length == 0 => _factory.Make(random.Pick(GenericPatterns.All), random, near.Noun),
                _ => _factory.Next(random, withPicture && random.Chance(0.5)),
            };
            var length = tools.Append(candidate).Sum(t => t.Tool.Line().Length);
            if (length <= LongestBlock && tools.All(t => ToolOverlap.AreTellable(t, candidate)))
            {
                tools.Add(candidate);
            }
        }

        return random.Shuffled(tools);
    }

    private bool Round(ToolDialogue writer, List<ToolCase> tools, Picture? picture, Random random)
    {
        var kind = random.NextDouble();
        switch (kind)
        {
            case < 0.74:
                var tool = random.Pick(tools);
                if (tool.Ask(random, picture?.Scene, _values) is not { } request)
                {
                    return false;
                }

                var result = ToolResults.Draw(tool, request.Call, random);
                writer.Call(request, result);
                return true;
            case < 0.8 when picture is not null:
                Answered(writer, picture, random);
                return true;
            case < 0.86:
                writer.Say(SmallTalk.Next(random, split));
                return true;
            case < 0.92:
                var unknown = SmallTalk.Unknown(random, split);
                if (tools.Any(t => ToolOverlap.MayFit(t, unknown.Question)))
                {
                    return false;
                }

                writer.Say(unknown);
                return true;
            default:
                return Missing(writer, tools, random);
        }
    }

    /// <summary>A request for a tool that is not there.</summary>
    private bool Missing(ToolDialogue writer, List<ToolCase> tools, Random random)
    {
        var missing = _factory.Next(random);
        if (!tools.All(t => ToolOverlap.AreFar(t, missing)) || missing.Ask(random, null, _values) is not { } request)
        {
            return false;
        }

        writer.Say((request.Text, SmallTalk.Refusal));
        return true;
    }

    private void Answered(ToolDialogue writer, Picture picture, Random random)
    {
        var question = _questions.Next(picture.Scene, random);
        writer.Say((question.Question, question.Answer));
    }

    private void LogEvery(ToolDialogue writer, ObjectTool tool, Scene scene, Random random)
    {
        var filter = random.NextDouble() switch
        {
            < 0.6 => new ObjectFilter(),
            < 0.8 => new ObjectFilter(Colour: random.Pick(scene.Objects).Colour),
            _ => new ObjectFilter(Shape: random.Pick(scene.Objects).Shape),
        };
        var matching = scene.Matching(filter);
        var request = Said(ObjectToolWordings.Every, tool, random, ("kind", SceneWords.Singular(filter)), ("kinds", SceneWords.Plural(filter)));
        var calls = matching.Select(tool.Call).ToList();
        var nothing = random.Chance(0.6) ? ToolResults.Nothing(random) : null;
        var noun = matching.Count == 1 ? SceneWords.Singular(filter) : SceneWords.Plural(filter);
        writer.Calls(request, calls, call => nothing ?? Confirmed(call, random), $"I {Inflection.Past(tool.Verb)} {matching.Count} {noun}.");
    }

    private void LogOne(ToolDialogue writer, ObjectTool tool, Scene scene, Random random)
    {
        var target = random.Pick(scene.Objects);
        var filter = References.Draw(target, random);
        var reference = scene.Matching(filter).Count == 1 ? References.The(filter, random) : References.TheOneAt(target.Cell, random);
        var call = tool.Call(target);
        var output = random.Chance(0.5) ? ToolResults.Nothing(random) : Confirmed(call, random);
        var said = output.Contains(' ', StringComparison.Ordinal) ? output : "Done.";
        writer.Call(new(Said(ObjectToolWordings.One, tool, random, ("ref", reference)), call), new(output, said));
    }

    private static string Confirmed(ToolCall call, Random random) =>
        $"{random.Pick(["Logged", "Saved", "Stored", "Added", "Noted"])} {string.Join(' ', call.Arguments.Select(a => a.Json.Trim('"')))}.";

    private string Said(SplitTable<string> table, ObjectTool tool, Random random, params ReadOnlySpan<(string, string)> slots)
    {
        var imperative = Synonyms.Fill(random.Pick(table[split]), random, [.. slots, ("verb", tool.Verb)]);
        imperative = char.ToLowerInvariant(imperative[0]) + imperative[1..];
        return RequestWordings.Casual(Fillers.Around(random.Pick(RequestWordings.Frames[split]).Replace("{request}", imperative, StringComparison.Ordinal), split, random), random);
    }

    private static string SystemText(IEnumerable<Tool> tools, Random random) =>
        ToolsBlock.Text(tools, random.Chance(0.2) ? random.Pick(SystemTexts.Plain) : null);
}
