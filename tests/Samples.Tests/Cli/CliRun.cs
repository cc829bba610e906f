using RwkvSk.Cli;
using Xunit;

namespace RwkvSk.Samples.Tests.Cli;

/// <summary>One run of <c>rwkvsk</c> in this process, with what it wrote.</summary>
internal sealed record CliRun(int ExitCode, string Output, string Error)
{
    /// <summary>Runs a command that is expected to succeed and gives what it wrote to its output.</summary>
    public static async Task<string> SucceedAsync(params string[] args)
    {
        var run = await RunAsync("", args);
        Assert.True(run.ExitCode == 0, $"rwkvsk {string.Join(' ', args)}: exit code {run.ExitCode}, {run.Error}");
        return run.Output;
    }

    /// <summary>Runs a command that is expected to fail with one sentence, and gives the sentence.</summary>
    public static async Task<string> FailAsync(params string[] args)
    {
        var run = await RunAsync("", args);
        Assert.Equal(1, run.ExitCode);
        Assert.Empty(run.Output);
        return Assert.Single(run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    /// <summary>Runs a command.</summary>
    public static async Task<CliRun> RunAsync(string input, params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = await CommandLine.RunAsync(args, new StringReader(input), output, error, TestContext.Current.CancellationToken);
        return new CliRun(code, output.ToString(), error.ToString());
    }
}
