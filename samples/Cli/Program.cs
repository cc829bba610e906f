namespace RwkvSk.Cli;

/// <summary>The command <c>rwkvsk</c>.</summary>
public static class Program
{
    /// <summary>Runs one command.</summary>
    /// <param name="args">The command and its arguments; <c>--help</c> lists them.</param>
    /// <returns>0; 1 when the command could not be carried out, with one sentence on the error stream; 130 when it was interrupted.</returns>
    public static Task<int> Main(string[] args) => CommandLine.RunAsync(args, Console.In, Console.Out, Console.Error, CancellationToken.None);
}
