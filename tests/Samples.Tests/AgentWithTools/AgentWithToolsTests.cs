using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using RwkvSk.TestKit;
using Xunit;

namespace RwkvSk.Samples.Tests.AgentWithTools;

/// <summary>What the model says is its own affair; that functions are reached, pictures read and permission asked is the sample's.</summary>
public sealed partial class AgentWithToolsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public AgentWithToolsTests() => Assert.SkipWhen(LibTorch.Missing is not null, LibTorch.Missing ?? "");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Every_function_is_reached_and_the_returned_picture_is_read()
    {
        var (code, output, error) = await RunAsync("y\n", "--model", TinyModel.Create(_folder["tiny"]));

        Assert.True(code == 0, output + error);
        AssertTrace(output);
        Assert.Contains("allowed", output, StringComparison.Ordinal);
        Assert.Matches(@"done     lamp_set_color (red|green|blue|yellow|purple|orange)\b", output);
    }

    [Theory]
    [InlineData("n\n")]
    [InlineData("")]
    public async Task Without_permission_nothing_is_changed(string input)
    {
        var (code, output, error) = await RunAsync(input, "--model", TinyModel.Create(_folder["tiny"]));

        Assert.True(code == 0, output + error);
        AssertTrace(output);
        Assert.Contains("refused", output, StringComparison.Ordinal);
        Assert.DoesNotContain("done     lamp_set_color", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pictures_of_ones_own_are_looked_at()
    {
        _folder.Write("garden.png", TestPictures.Circle());
        _folder.Write("notes.txt", "no picture"u8.ToArray());

        var (code, output, error) = await RunAsync("y\n", _folder[""], "--model", TinyModel.Create(_folder["tiny"]));

        Assert.True(code == 0, output + error);
        Assert.Contains("pictures garden" + Environment.NewLine, output, StringComparison.Ordinal);
        Assert.Contains("done     camera_look garden", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wrong_arguments_and_missing_files_are_explained()
    {
        Directory.CreateDirectory(_folder["empty"]);
        foreach (var args in new string[][] { ["--speed"], ["a", "b"], [_folder["nowhere"]], [_folder["empty"]], ["--model", _folder["no model"]] })
        {
            var (code, _, error) = await RunAsync("", [.. args, .. args.Contains("--model") ? (string[])[] : ["--model", TinyModel.Create(_folder["tiny"])]]);
            Assert.Equal(1, code);
            Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
            Assert.Contains(args[^1], error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task It_runs_as_a_newcomer_runs_it()
    {
        Assert.SkipUnless(File.Exists(Path.Combine(RwkvSk.Samples.AgentWithTools.Arguments.BundledModel, "model.safetensors")), $"there is no '{Path.Combine(RwkvSk.Samples.AgentWithTools.Arguments.BundledModel, "model.safetensors")}' yet");
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "AgentWithTools.dll")])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var cancel = TestContext.Current.CancellationToken;
        await process.StandardInput.WriteLineAsync("y\ny\ny".AsMemory(), cancel);   // should the model ask more than once
        process.StandardInput.Close();
        var (output, error) = (process.StandardOutput.ReadToEndAsync(cancel), process.StandardError.ReadToEndAsync(cancel));
        await process.WaitForExitAsync(cancel);

        Assert.True(process.ExitCode == 0, await output + await error);
        AssertTrace(await output);
    }

    private static void AssertTrace(string output)
    {
        Assert.Contains("call     camera_look {\"place\":\"", output, StringComparison.Ordinal);
        Assert.Contains("call     log_record_count {\"count\":", output, StringComparison.Ordinal);
        Assert.Matches(@"approve\? lamp_set_color \{""color"":""\w+""\} \[y/n\] ", output);

        // Three pictures of the folder, each alone; then the one that the function returned, in the round after the call and in the next question's.
        var rounds = Round().Matches(output).Select(static match => (Positions: Number(match, 1), Pictures: Number(match, 2), Each: Number(match, 3), Kept: Number(match, 4))).ToList();
        Assert.All(rounds, static round => Assert.Equal(TinyModel.PositionsPerImage, round.Each));   // Gosling's pictures take as many
        Assert.Equal([1, 1, 1], rounds.Take(3).Select(static round => round.Pictures));
        var after = output[output.IndexOf("result   a picture", StringComparison.Ordinal)..];
        var (seen, asked) = (Round().Match(after), Round().Matches(after)[1]);
        Assert.Equal("1", seen.Groups[2].Value);
        Assert.True(Number(asked, 4) > TinyModel.PositionsPerImage, $"the picture was read again: {asked.Value}");
    }

    private static int Number(Match match, int group) => int.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);

    private static async Task<(int Code, string Output, string Error)> RunAsync(string input, params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        return (await RwkvSk.Samples.AgentWithTools.Program.RunAsync(args, new StringReader(input), output, error), output.ToString(), error.ToString());
    }

    [GeneratedRegex(@"model    reads (\d+) positions \((\d+) pictures of (\d+)\), (\d+) of them kept from before; writes \d+ tokens")]
    private static partial Regex Round();
}
