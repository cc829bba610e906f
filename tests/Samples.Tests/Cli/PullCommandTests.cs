using RwkvSk.TestKit;
using Xunit;

namespace RwkvSk.Samples.Tests.Cli;

/// <summary><c>pull</c> against a server of the test's own. The environment names it, as it would name a mirror.</summary>
public sealed class PullCommandTests : IDisposable
{
    private const string Model = "RWKV-x070-World-tiny.pth", Vocabulary = "rwkv_vocab_v20230424.txt";

    private readonly TemporaryFolder _folder = new();
    private readonly HubServer _hub = new();
    private readonly byte[] _content = new byte[300_000];

    public PullCommandTests()
    {
        new Random(1).NextBytes(_content);
        _hub.Files[Model] = _content;
        _hub.Files[Vocabulary] = SmallVocabulary.File();
        _hub.Files["README.md"] = "about geese"u8.ToArray();
        Environment.SetEnvironmentVariable("HF_ENDPOINT", _hub.Address);
        Environment.SetEnvironmentVariable("HF_TOKEN", null);
    }

    private string To => _folder["to"];

    private string Partial => Path.Combine(To, Model + ".partial");

    public void Dispose()
    {
        Environment.SetEnvironmentVariable("HF_ENDPOINT", null);
        Environment.SetEnvironmentVariable("HF_TOKEN", null);
        _hub.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task The_only_checkpoint_comes_with_its_vocabulary()
    {
        var output = await CliRun.SucceedAsync("pull", HubServer.Repository, "--to", To);
        Assert.Equal([Model, Vocabulary], Here());
        AssertComplete();
        Assert.Contains("300,000 bytes", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_there_already_is_not_fetched_again()
    {
        await CliRun.SucceedAsync("pull", HubServer.Repository, "--to", To);
        var before = _hub.Requests.Count;
        Assert.Contains("was there already", await CliRun.SucceedAsync("pull", HubServer.Repository, "--to", To, "--file", Model), StringComparison.Ordinal);
        Assert.Equal(before + 1, _hub.Requests.Count);   // the list alone

        await File.WriteAllBytesAsync(Path.Combine(To, Model), new byte[_content.Length], TestContext.Current.CancellationToken);   // as long, and other content
        await CliRun.SucceedAsync("pull", HubServer.Repository, "--to", To, "--file", Model);
        AssertComplete();
    }

    [Fact]
    public async Task A_cut_connection_is_taken_up_where_it_ended()
    {
        _hub.Cuts.Enqueue(100_000);
        _hub.Cuts.Enqueue(50_000);
        await CliRun.SucceedAsync("pull", HubServer.Repository, "--to", To, "--file", Model);
        AssertComplete();
        var ranges = _hub.Requests.Select(static request => request.Range).OfType<string>().ToList();
        Assert.Equal(2, ranges.Count);
        Assert.All(ranges, static range => Assert.Matches(@"^bytes=\d+-$", range));
    }

    [Fact]
    public async Task What_an_earlier_command_left_is_gone_on_from()
    {
        _hub.Cuts.Enqueue(120_000);
        _hub.Cuts.Enqueue(0);
        Assert.Contains("the same command goes on", await CliRun.FailAsync("pull", HubServer.Repository, "--to", To, "--file", Model), StringComparison.Ordinal);
        var left = new FileInfo(Partial).Length;
        Assert.InRange(left, 1, 120_000);
        Assert.False(File.Exists(Path.Combine(To, Model)));

        await CliRun.SucceedAsync("pull", HubServer.Repository, "--to", To, "--file", Model);
        Assert.Equal($"bytes={left}-", _hub.Requests[^1].Range);
        AssertComplete();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_is_left_of_another_version_is_thrown_away(bool ignoresRanges)
    {
        _hub.IgnoresRanges = ignoresRanges;
        Directory.CreateDirectory(To);
        await File.WriteAllBytesAsync(Partial, new byte[1000], TestContext.Current.CancellationToken);
        await CliRun.SucceedAsync("pull", HubServer.Repository, "--to", To, "--file", Model);
        AssertComplete();
    }

    [Fact]
    public async Task A_wrong_hash_is_refused_and_nothing_stays()
    {
        _hub.Hashes[Model] = new string('a', 64);
        Assert.Contains("SHA-256", await CliRun.FailAsync("pull", HubServer.Repository, "--to", To, "--file", Model), StringComparison.Ordinal);
        Assert.Empty(Here());
    }

    [Fact]
    public async Task Without_a_token_a_private_repository_says_how_to_give_one()
    {
        _hub.Token = "hf_secret";
        var sentence = await CliRun.FailAsync("pull", HubServer.Repository, "--to", To);
        Assert.Contains("401", sentence, StringComparison.Ordinal);
        Assert.Contains("HF_TOKEN", sentence, StringComparison.Ordinal);

        Environment.SetEnvironmentVariable("HF_TOKEN", "hf_other");
        Assert.Contains("gives no access", await CliRun.FailAsync("pull", HubServer.Repository, "--to", To), StringComparison.Ordinal);
        Environment.SetEnvironmentVariable("HF_TOKEN", "hf_secret\n");
        await CliRun.SucceedAsync("pull", HubServer.Repository, "--to", To);
        AssertComplete();
    }

    [Fact]
    public async Task The_token_is_not_shown_to_another_host()
    {
        using var store = new HubServer();
        store.Files[Model] = _content;
        (_hub.Token, _hub.Elsewhere) = ("hf_secret", store.Address);
        Environment.SetEnvironmentVariable("HF_TOKEN", "hf_secret");
        await CliRun.SucceedAsync("pull", HubServer.Repository, "--to", To, "--file", Model);
        AssertComplete();
        Assert.All(_hub.Requests, static request => Assert.Equal("Bearer hf_secret", request.Authorization));
        Assert.Null(Assert.Single(store.Requests).Authorization);
    }

    [Fact]
    public async Task Redirects_in_circles_end()
    {
        _hub.Elsewhere = _hub.Address;
        Assert.Contains("circles", await CliRun.FailAsync("pull", HubServer.Repository, "--to", To), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_hub_does_not_have_is_named()
    {
        Assert.Contains("geese/none", await CliRun.FailAsync("pull", "geese/none", "--to", To), StringComparison.Ordinal);
        var sentence = await CliRun.FailAsync("pull", HubServer.Repository, "--to", To, "--file", "other.pth");
        Assert.Contains("'other.pth'", sentence, StringComparison.Ordinal);
        Assert.Contains(Model, sentence, StringComparison.Ordinal);
        Assert.Contains("OWNER/NAME", await CliRun.FailAsync("pull", "../etc", "--to", To), StringComparison.Ordinal);
        Assert.False(Directory.Exists(To));
    }

    [Theory]
    [InlineData("../outside.pth")]
    [InlineData("/tmp/outside.pth")]
    [InlineData("a/../../outside.pth")]
    [InlineData("a\\..\\outside.pth")]
    [InlineData("C:outside.pth")]
    public async Task A_file_outside_of_the_folder_is_not_written(string path)
    {
        _hub.Files[path] = _content;
        Assert.Contains("nothing was written", await CliRun.FailAsync("pull", HubServer.Repository, "--to", To, "--file", Model, "--file", path), StringComparison.Ordinal);
        Assert.False(Directory.Exists(To));
        Assert.Empty(Directory.EnumerateFiles(_folder.Path, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task A_link_in_the_folder_is_not_followed()
    {
        _hub.Files["sub/model.gguf"] = _content;
        Directory.CreateDirectory(To);
        Directory.CreateDirectory(_folder["elsewhere"]);
        Directory.CreateSymbolicLink(Path.Combine(To, "sub"), _folder["elsewhere"]);
        Assert.Contains("is a link", await CliRun.FailAsync("pull", HubServer.Repository, "--to", To, "--file", "sub/*"), StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder["elsewhere"]));
    }

    [Fact]
    public async Task Several_checkpoints_are_listed_to_choose_from()
    {
        _hub.Files["second.gguf"] = _content;
        var sentence = await CliRun.FailAsync("pull", HubServer.Repository, "--to", To);
        Assert.Contains("--file", sentence, StringComparison.Ordinal);
        Assert.Contains("second.gguf", sentence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_parts_of_one_checkpoint_come_together_from_a_list_of_several_pages()
    {
        _hub.Files.Remove(Model);
        foreach (var name in new[] { "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors", "model.safetensors.index.json", "pytorch_model.bin", "config.json", "20B_tokenizer.json" })
        {
            _hub.Files[name] = _content[..500];
        }

        _hub.PageSize = 2;
        await CliRun.SucceedAsync("pull", HubServer.Repository, "--to", To);
        Assert.Equal(
            ["20B_tokenizer.json", "config.json", "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors", "model.safetensors.index.json", Vocabulary],
            Here());
    }

    private string[] Here() => Directory.Exists(To) ? [.. Directory.EnumerateFiles(To).Select(static path => Path.GetFileName(path)).Order(StringComparer.Ordinal)] : [];

    private void AssertComplete()
    {
        Assert.Equal(_content, File.ReadAllBytes(Path.Combine(To, Model)));
        Assert.False(File.Exists(Partial));
    }
}
