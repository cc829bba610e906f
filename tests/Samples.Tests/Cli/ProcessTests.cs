using System.Diagnostics;
using System.Text.Json;
using RwkvSk.TestKit;
using Xunit;

namespace RwkvSk.Samples.Tests.Cli;

public sealed class ProcessTests
{
    [Fact]
    public async Task The_command_runs_as_a_process_of_its_own()
    {
        Assert.SkipWhen(LibTorch.Missing is not null, LibTorch.Missing ?? "");
        using var folder = new TemporaryFolder();
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "rwkvsk.dll"), "inspect", TinyModel.Create(folder["tiny"]), "--json"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken), process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, await error);
        using var report = JsonDocument.Parse(await output);
        Assert.Equal("rwkv-7", report.RootElement.GetProperty("version").GetString());
    }
}
