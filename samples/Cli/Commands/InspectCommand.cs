using System.CommandLine;
using System.Globalization;
using RwkvSk.Engine;
using RwkvSk.Engine.Models;
using RwkvSk.Engine.Tokenization;
using RwkvSk.Engine.Weights;

namespace RwkvSk.Cli.Commands;

/// <summary><c>inspect</c>: what a checkpoint is. The model is loaded and checked whole, so what inspect shows can run.</summary>
internal static class InspectCommand
{
    public static Command Create()
    {
        var json = new Option<bool>("--json") { Description = "One line of JSON." };
        var plan = new Option<bool>("--plan") { Description = "Shows what loading it would take instead, without loading it." };
        var slots = new Option<int>("--slots") { Description = "For --plan: answers at once.", DefaultValueFactory = static _ => new EngineOptions().MaxRunning }.AtLeast(1);
        var command = new Command("inspect", "Shows what a checkpoint is.");
        var arguments = new ModelArguments(command);
        command.Add(json);
        command.Add(plan);
        command.Add(slots);
        command.SetAction(parse =>
        {
            var configuration = parse.InvocationConfiguration;
            if (parse.GetValue(plan))
            {
                Write(configuration.Output, ModelLoader.Plan(parse.GetRequiredValue(arguments.Model), arguments.EngineOptions(parse, parse.GetValue(slots))), parse.GetValue(json));
                return;
            }

            var report = Working.Show(configuration.Error, "loading", _ => Inspect(parse.GetRequiredValue(arguments.Model), arguments.EngineOptions(parse)));
            if (parse.GetValue(json))
            {
                configuration.Output.WriteLine(Json.Write(report));
            }
            else
            {
                Tables.Write(configuration.Output, Rows(report));
            }
        });
        return command;
    }

    private static void Write(TextWriter output, MemoryPlan plan, bool asJson)
    {
        var available = SystemMemory.Available();
        if (asJson)
        {
            output.WriteLine(Json.Write(new { plan.Model, Bytes = plan.Items.ToDictionary(static item => item.Kind, static item => item.Bytes), plan.Needed, Available = available, plan.NeededOnGpu, plan.FreeOnGpu, Fits = plan.Needed <= available }));
            return;
        }

        Tables.Write(output,
        [
            .. plan.Items.Select(static item => (item.Kind, $"{MemoryPlan.Size(item.Bytes),12}   {item.Meaning}")),
            .. plan.NeededOnGpu == 0 ? (IEnumerable<(string, string)>)[] :
            [
                ("GPU needed", $"{MemoryPlan.Size(plan.NeededOnGpu),12}   weights, states, activations, pictures"),
                ("GPU free", $"{MemoryPlan.Size(plan.FreeOnGpu),12}   it fits"),
            ],
            ("needed", $"{MemoryPlan.Size(plan.Needed),12}   all but the mapped weights{(plan.NeededOnGpu == 0 ? "" : " and what is on the GPU")}"),
            ("free", $"{MemoryPlan.Size(available),12}   {(plan.Needed <= available ? "it fits" : "it does not fit")}"),
        ]);
    }

    private static Report Inspect(string path, EngineOptions options)
    {
        var loaded = ModelLoader.Load(path, options, loggers: null);
        using var runner = loaded.Runner;
        using var weights = ModelFolder.Open(path).OpenWeights();
        var (model, format) = (loaded.Description, CheckpointFormat.Of(weights));
        return new Report(
            model.Name, model.Version, model.LayerCount, model.Width, model.HeadSize, model.HeadSize == 0 ? 0 : model.Width / model.HeadSize, model.FfnWidth, model.VocabularySize,
            format.StoredType, format.Format, format.FileCount, format.Layout, Vocabulary(loaded.Tokenizer), model.Preset.Name,
            model.VisionTowers, model.PositionsPerImage, model.ParameterCount, model.State.Bytes, model.Device, model.Precision.ToString().ToLowerInvariant());
    }

    private static string Vocabulary(ITokenizer? tokenizer) => tokenizer switch
    {
        null => "none",
        BpeTokenizer => "bpe",
        _ => "world",
    };

    private static IEnumerable<(string Name, string Value)> Rows(Report report) =>
    [
        ("name", report.Name),
        ("version", report.Version),
        ("layers", Number(report.Layers)),
        ("width", Number(report.Width)),
        ("head size", $"{Number(report.HeadSize)} ({Number(report.Heads)} heads)"),
        ("ffn width", Number(report.FfnWidth)),
        ("vocabulary", Number(report.Vocabulary)),
        ("parameters", Number(report.Parameters)),
        ("file", $"{report.Format}{(report.Files > 1 ? $" in {report.Files} files" : "")}, {report.Layout} names"),
        ("tokenizer", report.Tokenizer),
        ("preset", report.Preset),
        ("dtype", $"{report.Dtype}, runs in {report.Precision} on {report.Device}"),
        ("vision towers", report.VisionTowers.Count == 0 ? "none" : string.Join(", ", report.VisionTowers)),
        ("image positions", Number(report.ImagePositions)),
        ("state", $"{Number(report.StateBytes)} bytes"),
    ];

    private static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private sealed record Report(
        string Name, string Version, int Layers, int Width, int HeadSize, int Heads, int FfnWidth, int Vocabulary, string Dtype,
        string Format, int Files, string Layout, string Tokenizer, string Preset,
        IReadOnlyList<string> VisionTowers, int ImagePositions, long Parameters, long StateBytes, string Device, string Precision);
}
