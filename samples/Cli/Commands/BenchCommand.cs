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
        var decode = new Option<int>("--decode") { Description = "Tokens to generate in each round.", DefaultValueFactory = static _ => 32 }.AtLeast(1);
        var batch = new Option<string>("--batch") { Description = "Also generate for this many sequences at once; several numbers are separated by commas.", DefaultValueFactory = static _ => "8" };
        var json = new Option<bool>("--json") { Description = "One line of JSON." };
        var command = new Command("bench", "Measures prefill, decoding, loading, memory and states beside what the machine itself can do.");
        var arguments = new ModelArguments(command);
        foreach (var option in new Option[] { prefill, decode, batch, json })
        {
            command.Add(option);
        }

        command.SetAction(parse =>
        {
            var sizes = Sizes(parse.GetRequiredValue(batch));
            var figures = Working.Show(parse.InvocationConfiguration.Error, "loading", progress =>
            {
                var clock = Stopwatch.StartNew();
                var model = ModelLoader.Load(parse.GetRequiredValue(arguments.Model), arguments.EngineOptions(parse, sizes[^1]), loggers: null);
                using var runner = model.Runner;
                return new Bench(model, progress).Run(clock.Elapsed, parse.GetRequiredValue(prefill), parse.GetRequiredValue(decode), sizes);
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

    // One sequence alone is always measured, and first.
    private static int[] Sizes(string text) =>
    [
        .. text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(static part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var size) && size > 0 ? size : throw new ArgumentException($"'{part}' in --batch is no number of sequences."))
            .Append(1).Distinct().Order(),
    ];

    private static IEnumerable<(string Name, string Value)> Rows(BenchFigures figures) =>
    [
        ("model", $"{figures.Model} ({figures.Precision} on {figures.Device}, {figures.Threads} threads)"),
        ("prefill", $"{Figure(figures.PrefillTokensPerSecond, "tokens/s")}, {Share(figures.PrefillFractionOfLimit)} of the {Figure(figures.GemmLimitGflops, "GFLOP/s")} of matrix products"),
        ("decode", $"{Figure(figures.DecodeTokensPerSecond, "tokens/s")}, {Share(figures.DecodeFractionOfLimit)} of the {Figure(figures.ReadLimitGbPerSecond, "GB/s")} of memory"),
        .. figures.Batch.Select(static b => ($"decode, {b.Size} at once", Figure(b.TokensPerSecond, "tokens/s"))),
        ("load", Figure(figures.LoadMs, "ms")),
        ("peak memory", Figure(figures.PeakRssMb, "MB")),
        ("state capture", Figure(figures.CaptureMs, "ms")),
        ("state restore", Figure(figures.RestoreMs, "ms")),
    ];

    private static string Share(double value) => string.Create(CultureInfo.InvariantCulture, $"{value:P0}");

    private static string Figure(double value, string unit) => string.Create(CultureInfo.InvariantCulture, $"{value:G4} {unit}");
}
