using RwkvSk.Engine;
using RwkvSk.Engine.Prompts;
using RwkvSk.Engine.States;
using RwkvSk.TestKit;
using Xunit;

namespace RwkvSk.Samples.Tests.Cli;

public sealed class StatesCommandTests : IDisposable
{
    private const string Secret = "a secret of some length";

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string States => _folder["states"];

    private string SecretFile => _folder["secret"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task List_and_show_say_what_is_there()
    {
        await FillAsync();

        var list = await CliRun.RunAsync("", "states", "list", States);
        var json = await CliRun.RunAsync("", "states", "list", States, "--json");
        var key = list.Output.Split('\n').First(static line => line.Contains("150", StringComparison.Ordinal)).Split(' ')[0];
        var show = await CliRun.RunAsync("", "states", "show", States, key);

        Assert.Contains("3 states,", list.Output, StringComparison.Ordinal);
        Assert.Equal(3, json.Output.Trim().Split('\n').Length);
        Assert.Contains("\"position\":150", json.Output, StringComparison.Ordinal);
        Assert.Matches("position +150", show.Output);
        Assert.Matches("model_name +fake", show.Output);
        Assert.Equal((0, ""), (show.ExitCode, show.Error));
    }

    [Fact]
    public async Task Verify_finds_what_was_changed()
    {
        await FillAsync();
        Assert.Equal(0, (await CliRun.RunAsync("", "states", "verify", States, "--secret-file", SecretFile)).ExitCode);
        Assert.Equal(1, (await CliRun.RunAsync("", "states", "verify", States)).ExitCode);   // without the secret nothing is proved

        var file = Directory.GetFiles(States, "*.safetensors", SearchOption.AllDirectories)[0];
        var bytes = await File.ReadAllBytesAsync(file, Cancel);
        bytes[^60] ^= 1;
        await File.WriteAllBytesAsync(file, bytes, Cancel);
        var verify = await CliRun.RunAsync("", "states", "verify", States, "--secret-file", SecretFile);
        var prune = await CliRun.RunAsync("", "states", "prune", States, "--unsound", "--secret-file", SecretFile);

        Assert.Equal(1, verify.ExitCode);
        Assert.Contains($"'{file}' does not bear its seal", verify.Output, StringComparison.Ordinal);
        Assert.Contains("2 states are sound, 1 are not", verify.Output, StringComparison.Ordinal);
        Assert.StartsWith("1 states", prune.Output, StringComparison.Ordinal);
        Assert.False(File.Exists(file));
    }

    [Fact]
    public async Task Prune_removes_a_tenant_or_down_to_a_size_and_wants_to_be_told_which()
    {
        await FillAsync();

        Assert.Contains("Which ones?", (await CliRun.RunAsync("", "states", "prune", States)).Error, StringComparison.Ordinal);
        Assert.StartsWith("3 states", (await CliRun.RunAsync("", "states", "prune", States, "--max-bytes", "0", "--dry-run")).Output, StringComparison.Ordinal);
        Assert.StartsWith("1 states", (await CliRun.RunAsync("", "states", "prune", States, "--tenant", "alice", "--secret-file", SecretFile)).Output, StringComparison.Ordinal);
        Assert.StartsWith("0 states", (await CliRun.RunAsync("", "states", "prune", States, "--unused-days", "1")).Output, StringComparison.Ordinal);
        Assert.StartsWith("2 states", (await CliRun.RunAsync("", "states", "prune", States, "--max-bytes", "0")).Output, StringComparison.Ordinal);
        Assert.Equal("0 states, 0 bytes", (await CliRun.RunAsync("", "states", "list", States)).Output.Trim());
    }

    [Fact]
    public async Task What_is_exported_and_imported_elsewhere_is_found_by_an_engine()
    {
        await FillAsync();
        var key = (await CliRun.RunAsync("", "states", "list", States)).Output.Split('\n').First(static line => line.Contains(" 150 ", StringComparison.Ordinal)).Split(' ')[0];

        Assert.Equal(0, (await CliRun.RunAsync("", "states", "export", States, key, _folder["one.state"])).ExitCode);
        Assert.Equal(0, (await CliRun.RunAsync("", "states", "import", _folder["elsewhere"], _folder["one.state"], "--secret-file", SecretFile)).ExitCode);
        var refused = await CliRun.RunAsync("", "states", "import", _folder["third"], _folder["one.state"]);

        Assert.Equal(150, await ReusedAsync(_folder["elsewhere"], null));
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("does not bear its seal", refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_that_is_not_there_is_a_sentence()
    {
        var run = await CliRun.RunAsync("", "states", "list", _folder["nothing"]);

        Assert.Equal((1, $"'{_folder["nothing"]}' does not exist; expected a folder of states."), (run.ExitCode, run.Error.Trim()));
    }

    /// <summary>States at 100 and 150 positions that everybody shares, and one of alice's.</summary>
    private async Task FillAsync()
    {
        await File.WriteAllTextAsync(SecretFile, Secret + "\n", Cancel);
        await ReusedAsync(States, null);
        await ReusedAsync(States, "alice", new Prompt(new Turn(new string('x', 70)), new Turn("A:")));
    }

    private static async Task<long> ReusedAsync(string folder, string? scope, Prompt? prompt = null)
    {
        using var store = new DiskSnapshotStore(folder, 1 << 20);
        await using var engine = TestEngine.Over(new FakeModelRunner(), new EngineOptions { SnapshotStores = [store], SnapshotSecret = System.Text.Encoding.UTF8.GetBytes(Secret) });
        prompt ??= new Prompt(new Turn(new string('s', 100)), new Turn(new string('u', 50)), new Turn("A:"));
        long reused = 0;
        await foreach (var token in engine.GenerateAsync(prompt, new GenerationOptions { MaximumTokens = 2, CacheScope = scope }, Cancel))
        {
            reused = token.Usage?.ReusedPositions ?? 0;
        }

        return reused;
    }
}
