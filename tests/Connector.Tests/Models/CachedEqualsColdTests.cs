using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using RwkvSk.Engine;
using RwkvSk.Engine.Models;
using RwkvSk.Engine.Sampling;
using RwkvSk.TestKit;
using SkiaSharp;
using Xunit;

namespace RwkvSk.Connector.Tests.Models;

/// <summary>
/// The law that carries everything, over the real arithmetic and the whole way up to Semantic Kernel: whatever was kept, read ahead or encoded before, the
/// logits of every step are the ones of a model that reads everything anew, bit for bit.
/// </summary>
public class CachedEqualsColdTests
{
    public CachedEqualsColdTests() => Assert.SkipWhen(LibTorch.Missing is not null, LibTorch.Missing ?? "");

    [Theory]
    [InlineData(4, 11, 256), InlineData(5, 12, 256), InlineData(6, 13, 256), InlineData(7, 14, 256)]
    [InlineData(6, 15, 7), InlineData(7, 16, 5)]
    public async Task Over_random_conversations_with_edits_branches_regeneration_and_pictures(int version, int seed, int chunkLength)
    {
        using var folder = new TemporaryFolder();
        var model = TinyModel.Create(folder["tiny"], seed, version);
        var options = new EngineOptions { ChunkLength = chunkLength, Device = RwkvSk.Engine.Device.Cpu, Threads = 1 };
        using var warm = new Talker(model, options);
        using var cold = new Talker(model, options with { PrefixCacheBytes = 0, ImageCacheBytes = 0 });
        var random = new Random(seed);
        var talks = new List<ChatHistory> { Begin(random), Begin(random) };
        long reused = 0, read = 0;
        for (var round = 0; round < 24; round++)
        {
            var talk = talks[random.Next(talks.Count)];
            switch (random.Next(6))
            {
                case 0 when talk.Count > 2:     // edit
                    talk[random.Next(talk.Count)] = new ChatMessageContent(AuthorRole.User, Words(random));
                    break;
                case 1 when talk.Count > 2:     // branch
                    talks.Add(talk = [.. talk.Take(random.Next(1, talk.Count))]);
                    break;
                case 2 when talk.Count > 2 && talk[^1].Role == AuthorRole.Assistant:     // regenerate
                    talk.RemoveAt(talk.Count - 1);
                    break;
            }

            if (talk[^1].Role != AuthorRole.User)
            {
                talk.Add(Question(random));
            }

            var (found, expected) = (await warm.AskAsync(talk), await cold.AskAsync(talk));

            Assert.Equal(expected.TokenIds, found.TokenIds);
            Assert.Equal(cold.Runner.TakeLogits(), warm.Runner.TakeLogits());
            Assert.Equal(expected.Usage.PromptPositions, found.Usage.PromptPositions);
            Assert.Equal(0, expected.Usage.ReusedPositions);
            (reused, read) = (reused + found.Usage.ReusedPositions, read + found.Usage.PromptPositions);
            talk.AddAssistantMessage(found.Text);
        }

        Assert.True(reused > read / 2, $"{reused} of {read} positions were reused");
    }

    private static ChatHistory Begin(Random random) => random.Next(2) == 0 ? new(Words(random)) : [Question(random)];

    private static ChatMessageContent Question(Random random)
    {
        var message = new ChatMessageContent(AuthorRole.User, content: null);
        for (var i = Math.Max(0, random.Next(4) - 1); i > 0; i--)
        {
            message.Items.Add(new ImageContent(Picture(random), null));
        }

        message.Items.Add(new TextContent(Words(random)));
        return message;
    }

    private static string Words(Random random) =>
        string.Join(' ', Enumerable.Range(0, random.Next(1, 9)).Select(_ => new string((char)('a' + random.Next(26)), random.Next(1, 7))));

    /// <summary>One of few pictures, sometimes as another file of the same pixels.</summary>
    private static byte[] Picture(Random random)
    {
        uint[] colours = [0xDC2828, 0x2850D7, 0x28C850];
        return TestPictures.Circle(colours[random.Next(colours.Length)], format: random.Next(3) == 0 ? SKEncodedImageFormat.Webp : SKEncodedImageFormat.Png);
    }

    private sealed class Talker : IDisposable
    {
        private readonly RwkvEngine _engine;
        private readonly RwkvChatCompletionService _service;

        public Talker(string model, EngineOptions options)
        {
            var loaded = ModelLoader.Load(model, options, loggers: null);
            Runner = new RecordingRunner(loaded.Runner);
            _engine = new RwkvEngine(Runner, loaded.Tokenizer, loaded.Description, options);
            _service = new RwkvChatCompletionService(new RwkvChatClient(
                _engine, new RwkvOptions { ModelPath = "tiny", Sampling = SamplingOptions.Greedy, MaximumTokens = 6 }));
        }

        public RecordingRunner Runner { get; }

        public async Task<RwkvAnswer> AskAsync(ChatHistory history) => (RwkvAnswer)(await _service.GetChatMessageContentAsync(history)).InnerContent!;

        public void Dispose()
        {
            _service.Dispose();
            _engine.Dispose();
        }
    }
}
