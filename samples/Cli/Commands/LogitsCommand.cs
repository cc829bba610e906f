using System.CommandLine;
using System.Runtime.InteropServices;
using RwkvSk.Engine.Models;
using RwkvSk.Engine.Scheduling;
using RwkvSk.Engine.Weights;

namespace RwkvSk.Cli.Commands;

/// <summary><c>logits</c>: what the model computes, to compare with other programs. Needs no vocabulary.</summary>
internal static class LogitsCommand
{
    public static Command Create()
    {
        var tokens = new Option<string>("--tokens")
        {
            Description = "Token ids, separated by commas. With --image, a run of the placeholder id (65535, or else the last id of the vocabulary) is where a picture goes: " +
                "one id or one per image position. Without a placeholder the pictures come first.",
            DefaultValueFactory = static _ => "",
        };
        var images = new Option<string[]>("--image") { Description = "A picture file; may be given several times." };
        var mode = new Option<ReadingMode>("--mode") { Description = "parallel reads chunks of tokens, recurrent one token at a time. A picture is always read at once.", DefaultValueFactory = static _ => ReadingMode.Parallel };
        mode.AcceptOnlyFromAmong(StringComparer.OrdinalIgnoreCase, "parallel", "recurrent");
        var chunk = new Option<int>("--chunk") { Description = "Most tokens per step in parallel mode.", DefaultValueFactory = static _ => new Engine.EngineOptions().ChunkLength }.AtLeast(1);
        var stateIn = new Option<string?>("--state-in") { Description = "A state to go on from." };
        var stateOut = new Option<string?>("--state-out") { Description = "Where to write the state at the end." };
        var padding = new Option<bool>("--evaluation-padding") { Description = "Reads VisualRWKV v7.00's evaluation padding first; its logits are not written." };
        var output = new Option<string>("--out") { Description = "Where to write the safetensors file with 'logits' [T,V] in fp32.", Required = true };
        var command = new Command("logits", "Writes the logits after every position.");
        var arguments = new ModelArguments(command);
        foreach (var option in new Option[] { tokens, images, mode, chunk, stateIn, stateOut, padding, output })
        {
            command.Add(option);
        }

        command.SetAction(parse =>
        {
            var reading = new Reading(parse.GetRequiredValue(mode) == ReadingMode.Recurrent ? 1 : parse.GetRequiredValue(chunk), parse.GetValue(stateIn), parse.GetValue(stateOut), parse.GetValue(padding), parse.GetRequiredValue(output));
            var ids = TokenSpans.Parse(parse.GetRequiredValue(tokens));
            var error = parse.InvocationConfiguration.Error;
            var positions = Working.Show(error, "loading", progress =>
            {
                using var runner = ModelLoader.Load(parse.GetRequiredValue(arguments.Model), arguments.EngineOptions(parse), loggers: null).Runner;
                var pictures = Pictures.Encode(runner, parse.GetValue(images) ?? []);
                return Run(runner, TokenSpans.Split(ids, pictures, runner.VocabularySize), parse.GetRequiredValue(mode), reading, progress);
            });
            parse.InvocationConfiguration.Output.WriteLine($"{positions} positions, logits in {reading.Output}");
        });
        return command;
    }

    private static long Run(TorchModelRunner runner, IReadOnlyList<BatchRow> spans, ReadingMode mode, Reading reading, Action<string> progress)
    {
        var start = 0L;
        if (reading.StateIn is { } path)
        {
            var state = StateFile.Read(path, runner.Layout);
            start = state.Position;
            runner.Restore(0, state);
        }
        else
        {
            runner.Reset(0);
        }

        var positions = spans.Sum(static span => (long)span.Positions);
        if (reading.IsPadded && EvaluationPadding.Count(positions) is > 0 and var padding)
        {
            runner.Step(new Batch(Phase.Prefill, [new BatchRow(0, Enumerable.Repeat(EvaluationPadding.Token, padding).ToArray(), null, WantLogits: false)]), []);
        }

        SafetensorsWriter.Write(reading.Output, [new SafetensorsTensor("logits", WeightType.Float32, [positions, runner.VocabularySize], stream =>
        {
            // Computed while the file is written: [T,V] of a long prompt need not fit into memory.
            var done = 0L;
            foreach (var step in TokenSpans.Steps(spans, reading.ChunkLength))
            {
                var logits = new float[(long)step.Positions * runner.VocabularySize];
                if (mode == ReadingMode.Recurrent && step.Image is null)
                {
                    runner.Step(new Batch(Phase.Decode, [step]), logits);
                }
                else
                {
                    runner.StepWithAllLogits(step, logits);
                }

                stream.Write(MemoryMarshal.AsBytes(logits.AsSpan()));
                progress($"{done += step.Positions} of {positions} positions");
            }
        })]);

        if (reading.StateOut is { } target)
        {
            StateFile.Write(target, runner.Capture(0, start + positions));
        }

        return positions;
    }

    private enum ReadingMode
    {
        Parallel,
        Recurrent,
    }

    private sealed record Reading(int ChunkLength, string? StateIn, string? StateOut, bool IsPadded, string Output);
}
