using System.CommandLine;
using Microsoft.Extensions.Options;
using RwkvSk.Cli.Commands;
using RwkvSk.Engine;
using RwkvSk.Engine.States;

namespace RwkvSk.Cli;

/// <summary>The commands, and what a failure of one of them looks like.</summary>
internal static class CommandLine
{
    private const int Failed = 1, Interrupted = 130;

    /// <summary>Runs one command with the given streams.</summary>
    public static async Task<int> RunAsync(string[] args, TextReader input, TextWriter output, TextWriter error, CancellationToken cancellationToken)
    {
        var root = new RootCommand("Runs, checks and measures local RWKV and VisualRWKV models. MODEL is a checkpoint file or a model folder.")
        {
            PullCommand.Create(),
            InspectCommand.Create(),
            ConvertCommand.Create(),
            TokenizeCommand.Create(),
            DescribeCommand.Create(),
            ChatCommand.Create(input),
            LogitsCommand.Create(),
            BenchCommand.Create(),
            TurnsCommand.Create(),
            StatesCommand.Create(),
            GenerateCommand.Create(),
        };
        var streams = new InvocationConfiguration { Output = output, Error = error, EnableDefaultExceptionHandler = false };
        try
        {
            return await root.Parse(args).InvokeAsync(streams, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            return Interrupted;
        }
        catch (Exception exception) when (IsForTheUser(exception))
        {
            await error.WriteLineAsync(Sentence(exception));
            return Failed;
        }
    }

    // Everything else is a fault of the program and keeps its stack trace.
    private static bool IsForTheUser(Exception exception) => exception is
        ModelFormatException or SnapshotFormatException or ImageFormatException or LibTorchException or EngineBusyException or IOException or UnauthorizedAccessException
        or InsufficientMemoryException or NotSupportedException or ArgumentException or OptionsValidationException;

    private static string Sentence(Exception exception) =>
        string.Join(' ', exception.Message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
}
