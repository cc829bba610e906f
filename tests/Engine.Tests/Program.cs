using RwkvSk.Engine.Tests.States;

namespace RwkvSk.Engine.Tests;

/// <summary>Runs the tests, or the task of a child process that a test has started.</summary>
internal static class Program
{
    public static async Task<int> Main(string[] args) =>
        await ChildProcess.DidItsTaskAsync() ? 0
        : args.Any(static arg => arg is "--server" or "--internal-msbuild-node")
            ? await Xunit.MicrosoftTestingPlatform.TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions)
            : await Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(args);
}
