using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using RwkvSk.Engine.Models;

namespace RwkvSk.Cli.Commands;

/// <summary><c>bench</c>: how fast a model is on this machine.</summary>
internal static class BenchCommand
{
    public static Command Create()
    {
        var prefill = new Option<int>("--prefill") { Description = "Tokens of the prompt.", DefaultValueFactory = static _ => 512 }.AtLeast(1);
        var decode = new Option<int>("--decode") { Description = "Tokens to generate.", DefaultValueFactory = static _ => 64 }.AtLeast(1);
        var batch = new Option<int>("--batch") { Description = "Also generate for this many sequences at once.", DefaultValueFactory = static _ => 1 }.AtLeast(1);
        var json = new Option<bool>("--json") { Description = "One line of JSON; null for what was not measured." };
        var command = new Command("bench", "Measures prefill, decode, loading, memory and states.");
        var arguments = new ModelArguments(command);
        foreach (var option in new Option[] { prefill, decode, batch, json })
        {
            command.Add(option);
        }

        command.SetAction(parse =>
        {
            var size = parse.GetRequiredValue(batch);
            var figures = Working.Show(parse.InvocationConfiguration.Error, "loading", progress =>
            {
                var clock = Stopwatch.StartNew();
                var model = ModelLoader.Load(parse.GetRequiredValue(arguments.Model), arguments.EngineOptions(parse, size), loggers: null);
                using var runner = model.Runner;
                return new Bench(model, progress).Run(clock.Elapsed, parse.GetRequiredValue(prefill), parse.GetRequiredValue(decode), size);
            });
            if (parse.GetValue(json))
            {
                parse.InvocationConfiguration.Output.WriteLine(Json.Write(figures));
            }
            else
            {
                Tables.Write(parse.InvocationConfiguration.Output, Rows(figures));
            }
        });
        return command;
    }

    private static IEnumerable<(string Name, string Value)> Rows(BenchFigures figures) =>
    [
        ("model", $"{figures.Model} ({figures.Precision} on {figures.Device}, {figures.Threads} threads)"),
        ("prefill", Figure(figures.PrefillTokensPerSecond, "tokens/s")),
        ("decode", Figure(figures.DecodeTokensPerSecond, "tokens/s")),
        .. figures.Batch.Select(static b => ($"decode, {b.Size} at once", Figure(b.TokensPerSecond, "tokens/s"))),
        ("load", Figure(figures.LoadMs, "ms")),
        ("peak memory", Figure(figures.PeakRssMb, "MB")),
        ("state capture", Figure(figures.CaptureMs, "ms")),
        ("state restore", Figure(figures.RestoreMs, "ms")),
    ];

    private static string Figure(double value, string unit) => string.Create(CultureInfo.InvariantCulture, $"{value:G4} {unit}");
}
