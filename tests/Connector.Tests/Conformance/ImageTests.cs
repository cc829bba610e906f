using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using RwkvSk.Connector.Tests.Prompting;
using RwkvSk.TestKit;
using Xunit;
using TextContent = Microsoft.SemanticKernel.TextContent;

namespace RwkvSk.Connector.Tests.Conformance;

/// <summary>E. Images in chat.</summary>
public class ImageTests
{
    public static TheoryData<Face> KernelFaces => [Face.Kernel, Face.KernelStreaming];

    private static string DataUri(byte[] bytes) => $"data:image/png;base64,{Convert.ToBase64String(bytes)}";

    [Theory, Item(47, 57)]
    [MemberData(nameof(KernelFaces))]
    public async Task Every_way_to_give_a_picture_gives_the_same_one(Face face)
    {
        using var bench = new Bench();
        bench.Runner.Otherwise(" A goose.");
        var temporary = Directory.CreateTempSubdirectory();
        try
        {
            var file = Path.Combine(temporary.FullName, "goose.png");
            await File.WriteAllBytesAsync(file, Bench.Png, TestContext.Current.CancellationToken);
            bench.Options.AllowedImageFolders.Add(temporary.FullName);
            ImageContent[] pictures =
            [
                new(DataUri(Bench.Png)),
                new(DataUri(Bench.Png).Replace("image/png", "image/png;name=goose", StringComparison.Ordinal)),
                new(Bench.Png, "image/png"),
                new(Bench.Png, "image/x-unheard-of"),
                new(Bench.Png, null),
                new(Bench.Png, "image/png") { Metadata = new Dictionary<string, object?> { ["ChatImageDetailLevel"] = "high" } },
                new(new Uri(file)),
            ];
            var prompts = new List<string>();
            foreach (var picture in pictures)
            {
                var reply = await bench.AskAsync(face, Question(picture));
                Assert.Equal("A goose.", reply.Text);
                Assert.Equal(Bench.Png, Assert.Single(reply.Answer.Prompt.Turns[0].Segments.OfType<RwkvSk.Engine.Prompts.ImageSegment>()).Encoded.ToArray());
                prompts.Add(bench.Runner.Prompts[^1]);
            }

            Assert.Single(prompts.Distinct());
            Assert.Single(bench.Runner.Pictures);   // the same bytes are encoded once
        }
        finally
        {
            temporary.Delete(recursive: true);
        }
    }

    [Theory, Item(48)]
    [MemberData(nameof(KernelFaces))]
    public async Task Bytes_go_before_an_address(Face face)
    {
        using var bench = new Bench();
        bench.Runner.Otherwise(" A goose.");
        var picture = new ImageContent(Bench.Png, "image/png") { Uri = new Uri("https://example.org/duck.png") };
        Assert.Equal("A goose.", (await bench.AskAsync(face, Question(picture))).Text);
    }

    [Theory, Item(49)]
    [MemberData(nameof(KernelFaces))]
    public async Task An_address_is_refused_unless_it_is_allowed(Face face)
    {
        using var bench = new Bench();
        bench.Runner.Otherwise(" A goose.");
        var inside = Directory.CreateTempSubdirectory();
        var outside = Directory.CreateTempSubdirectory();
        try
        {
            var secret = Path.Combine(outside.FullName, "secret.png");
            await File.WriteAllBytesAsync(secret, Bench.Png, TestContext.Current.CancellationToken);
            var link = Path.Combine(inside.FullName, "link.png");
            File.CreateSymbolicLink(link, secret);
            bench.Options.AllowedImageFolders.Add(inside.FullName);
            Uri[] forbidden = [new("https://example.org/goose.png"), new(secret), new(link), new(Path.Combine(inside.FullName, "..", outside.Name, "secret.png"))];
            foreach (var uri in forbidden)
            {
                var error = await Assert.ThrowsAsync<NotSupportedException>(() => bench.AskAsync(face, Question(new ImageContent(uri))));
                Assert.Contains(uri.ToString(), error.Message, StringComparison.Ordinal);
            }

            bench.Options.ImageResolver = (uri, _) => Task.FromResult<ReadOnlyMemory<byte>>(uri.Host == "example.org" ? Bench.Png : Bench.OtherPng);
            var reply = await bench.AskAsync(face, Question(new ImageContent(new Uri("https://example.org/goose.png"))));
            Assert.Equal(Bench.Png, bench.Runner.Pictures[^1].ToArray());
            Assert.Equal("A goose.", reply.Text);
        }
        finally
        {
            inside.Delete(recursive: true);
            outside.Delete(recursive: true);
        }
    }

    [Theory, Item(50)]
    [MemberData(nameof(KernelFaces))]
    public async Task A_picture_without_anything_is_an_error(Face face)
    {
        using var bench = new Bench();
        await Assert.ThrowsAsync<ArgumentException>(() => bench.AskAsync(face, Question(new ImageContent())));
        ChatMessage[] empty = [new(ChatRole.User, [new DataContent(ReadOnlyMemory<byte>.Empty, "image/png")])];
        await Assert.ThrowsAsync<ArgumentException>(() => bench.Leaf.GetResponseAsync(empty));
    }

    /// <summary>Neither a media type nor the bytes make it a picture: that is said of the picture, with what was found.</summary>
    [Theory, Item(47, 50)]
    [MemberData(nameof(KernelFaces))]
    public async Task Bytes_that_are_no_picture_are_named(Face face)
    {
        using var bench = new Bench();
        foreach (var type in (string?[])[null, "application/octet-stream", "text/plain"])
        {
            var error = await Assert.ThrowsAsync<RwkvSk.Engine.ImageFormatException>(() => bench.AskAsync(face, Question(new ImageContent(new byte[] { 1, 2, 3 }, type))));
            Assert.Contains("ImageContent of 3 bytes", error.Message, StringComparison.Ordinal);
            Assert.Contains("010203", error.Message, StringComparison.Ordinal);
            Assert.Contains(type ?? "no media type", error.Message, StringComparison.Ordinal);
        }

        // A function that returns such a thing is told so, and the conversation goes on.
        bench.Runner.Otherwise(" Ok.");
        var result = new Microsoft.SemanticKernel.FunctionResultContent("look", "lamp", "c1", new ImageContent(new byte[] { 1, 2, 3 }, null));
        var reply = await bench.AskAsync(face, new ChatHistory("Look", AuthorRole.User) { result.ToChatMessage() });
        Assert.StartsWith("User: Function output:\nError: An ImageContent of 3 bytes", PromptText.Turns(reply.Answer.Prompt)[1], StringComparison.Ordinal);
    }

    /// <summary>Inside a message the model's layout decides: pictures first, in their order.</summary>
    [Theory, Item(51)]
    [MemberData(nameof(KernelFaces))]
    public async Task Pictures_keep_their_order_in_and_across_messages(Face face)
    {
        using var bench = new Bench();
        bench.Runner.Otherwise(" Ok.");
        var history = new ChatHistory();
        history.AddUserMessage([new ImageContent(Bench.OtherPng, "image/png"), new TextContent("Compare"), new ImageContent(Bench.Png, "image/png"), new TextContent("them.")]);
        history.AddAssistantMessage("Done.");
        history.AddUserMessage([new TextContent("This?"), new ImageContent(Bench.Png, "image/png")]);
        var reply = await bench.AskAsync(face, history);
        Assert.Equal(
            ["User: [1]\n[2]\nCompare\nthem.\n\n", "Assistant: Done.\n\n", "User: [2]\nThis?\n\n", "Assistant:"],
            PromptText.Turns(reply.Answer.Prompt));
        Assert.Equal([Bench.OtherPng, Bench.Png], bench.Runner.Pictures.Select(static p => p.ToArray()));
    }

    /// <summary>Models are trained on pictures in user messages and function results; elsewhere they are refused.</summary>
    [Theory, Item(52)]
    [MemberData(nameof(KernelFaces))]
    public async Task Pictures_belong_into_user_messages_and_results(Face face)
    {
        using var bench = new Bench();
        bench.Runner.Otherwise(" Ok.");
        foreach (var role in (AuthorRole[])[AuthorRole.System, AuthorRole.Assistant])
        {
            var history = new ChatHistory("Hi", AuthorRole.User) { new ChatMessageContent(role, [new ImageContent(Bench.Png, "image/png")]) };
            Assert.Contains("picture", (await Assert.ThrowsAsync<NotSupportedException>(() => bench.AskAsync(face, history))).Message, StringComparison.Ordinal);
        }

        var results = new ChatHistory("Hi", AuthorRole.User) { new ChatMessageContent(AuthorRole.Tool, [new ImageContent(Bench.Png, "image/png")]) };
        Assert.Equal("User: Function output:\n[1]\n\n", PromptText.Turns((await bench.AskAsync(face, results)).Answer.Prompt)[1]);
    }

    [Theory, Item(53)]
    [MemberData(nameof(KernelFaces))]
    public async Task What_cannot_be_given_to_the_model_is_named(Face face)
    {
        using var bench = new Bench();
        KernelContent[] contents = [new AudioContent(new byte[] { 1 }, "audio/wav"), new BinaryContent(new byte[] { 1 }, "application/pdf"), new FileReferenceContent("f")];
        foreach (var content in contents)
        {
            var history = new ChatHistory { new ChatMessageContent(AuthorRole.User, [content]) };
            var error = await Assert.ThrowsAsync<NotSupportedException>(() => bench.AskAsync(face, history));
            Assert.Contains(content.GetType().Name, error.Message, StringComparison.Ordinal);
        }

        AIContent[] others = [new DataContent(new byte[] { 1 }, "audio/wav"), new UriContent("https://x/y.pdf", "application/pdf"), new HostedFileContent("f")];
        foreach (var content in others)
        {
            ChatMessage[] messages = [new(ChatRole.User, [content])];
            var error = await Assert.ThrowsAsync<NotSupportedException>(() => bench.Leaf.GetResponseAsync(messages));
            Assert.Contains(content.GetType().Name, error.Message, StringComparison.Ordinal);
        }
    }

    [Theory, Item(54)]
    [InlineData(Face.Kernel)]
    [InlineData(Face.KernelStreaming)]
    [InlineData(Face.Client)]
    [InlineData(Face.ClientStreaming)]
    public async Task A_model_without_eyes_says_so(Face face)
    {
        using var bench = new Bench(positionsPerImage: 0);
        var error = await Assert.ThrowsAsync<NotSupportedException>(() => bench.AskAsync(face, Question(new ImageContent(Bench.Png, "image/png"))));
        Assert.Contains("scripted-model", error.Message, StringComparison.Ordinal);
    }

    [Theory, Item(55)]
    [MemberData(nameof(KernelFaces))]
    public async Task A_history_with_a_picture_survives_json(Face face)
    {
        using var bench = new Bench();
        bench.Runner.Otherwise(" Ok.");
        var history = Question(new ImageContent(Bench.Png, null));
        history.AddAssistantMessage("A goose.");
        history.AddUserMessage("Sure?");
        var before = await bench.AskAsync(face, history);
        var reloaded = JsonSerializer.Deserialize<ChatHistory>(JsonSerializer.Serialize(history))!;
        var after = await bench.AskAsync(face, reloaded);
        Assert.Equal(PromptText.Turns(before.Answer.Prompt), PromptText.Turns(after.Answer.Prompt));
        Assert.Equal(before.Usage!.InputTokenCount - "Assistant:".Length, after.Usage!.CachedInputTokenCount);
        Assert.Single(bench.Runner.Pictures);
    }

    [Fact, Item(56)]
    public async Task Both_faces_read_a_picture_alike()
    {
        using var bench = new Bench(options => options.ImageResolver = static (_, _) => Task.FromResult<ReadOnlyMemory<byte>>(Bench.Png));
        bench.Runner.Otherwise(" Ok.");
        var native = await bench.AskAsync(Face.Kernel, Question(new ImageContent(Bench.Png, "image/png")));
        AIContent[] pictures = [new DataContent(Bench.Png, "image/png"), new DataContent(DataUri(Bench.Png)), new DataContent(Bench.Png, "application/octet-stream"), new UriContent("https://x/y.png", "image/png")];
        foreach (var picture in pictures)
        {
            ChatMessage[] messages = [new(ChatRole.User, [new Microsoft.Extensions.AI.TextContent("What is it?"), picture])];
            var response = await bench.Leaf.GetResponseAsync(messages);
            Assert.Equal(PromptText.Turns(native.Answer.Prompt), PromptText.Turns(((RwkvAnswer)response.RawRepresentation!).Prompt));
        }

        Assert.Single(bench.Runner.Pictures);
        Assert.Contains(ScriptedModelRunner.Picture, bench.Runner.Prompts[0], StringComparison.Ordinal);
    }

    private static ChatHistory Question(ImageContent picture)
    {
        var history = new ChatHistory();
        history.AddUserMessage([new TextContent("What is it?"), picture]);
        return history;
    }
}
