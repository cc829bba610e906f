using System.Net;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using RwkvSk.Samples.WebChat;
using RwkvSk.TestKit;
using Xunit;

namespace RwkvSk.Samples.Tests.WebChat;

/// <summary>Over real HTTP, with the model that comes with the repository.</summary>
public sealed class WebChatTests
{
    /// <summary>Tokens of <c>Assistant:</c>, at most.</summary>
    private const int LongestOpening = 4;

    private static readonly JsonSerializerOptions Web = new(JsonSerializerDefaults.Web);
    private static readonly string Model = Path.Combine(AppContext.BaseDirectory, "models", "gosling", "model.safetensors");

    public WebChatTests()
    {
        Assert.SkipWhen(LibTorch.Missing is not null, LibTorch.Missing ?? "");
        Assert.SkipUnless(File.Exists(Model), $"there is no '{Model}'");
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Fifty_visitors_at_once_get_what_each_would_get_alone_and_reuse_only_what_is_their_own()
    {
        await using var app = await StartAsync("--Rwkv:MaxWait", "00:10:00");   // however slow this machine is
        uint[] colours = [0xDC2828, 0x28A03C, 0x285AD2, 0xF0D228, 0x8C3CB4];
        var alone = new List<List<(string Text, long Read, long Reused)>>();
        foreach (var colour in colours)
        {
            alone.Add(await ConverseAsync(app, colour));
        }

        var crowd = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => ConverseAsync(app, colours[i % colours.Length])));

        for (var i = 0; i < crowd.Length; i++)
        {
            Assert.Equal(alone[i % colours.Length].Select(static answer => answer.Text), crowd[i].Select(static answer => answer.Text));
            Assert.Equal(0, crowd[i][0].Reused);                                                     // the same picture, but another's
            for (var turn = 1; turn < crowd[i].Count; turn++)
            {
                // Of what the turn before had read, the opening of its answer alone is read again, however busy the engine is.
                Assert.InRange(crowd[i][turn].Reused, crowd[i][turn - 1].Read + crowd[i][turn - 1].Reused - LongestOpening, long.MaxValue);
            }
        }
    }

    [Fact]
    public async Task Whoever_leaves_in_the_middle_of_an_answer_frees_its_place()
    {
        await using var app = await StartAsync("--Rwkv:MaxRunning", "1", "--Rwkv:MaxWaiting", "0");
        using var leaving = Visitor(app);
        using (var response = await PostAsync(leaving, [Ask("Describe the picture.", 0xDC2828)]))
        {
            await using var body = await response.Content.ReadAsStreamAsync(Cancellation);
            await foreach (var _ in SseParser.Create(body).EnumerateAsync(Cancellation))
            {
                break;
            }
        }

        // The server learns of it when it next writes: until then the place is taken, and says when to come back.
        using var next = Visitor(app);
        HttpResponseMessage answer;
        while ((answer = await PostAsync(next, [new ChatTurn("user", "Hello!", null)])).StatusCode == HttpStatusCode.TooManyRequests)
        {
            Assert.NotNull(answer.Headers.RetryAfter);
            answer.Dispose();
            await Task.Yield();
        }

        using (answer)
        {
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }
    }

    [Fact]
    public async Task Too_many_questions_are_refused_with_a_time_to_come_back_and_the_others_are_answered()
    {
        await using var app = await StartAsync("--Rwkv:MaxRunning", "1", "--Rwkv:MaxWaiting", "1");
        using var visitor = Visitor(app);
        var responses = await Task.WhenAll(Enumerable.Range(0, 24).Select(i => PostAsync(visitor, [Ask($"Describe the picture, please: {i}.", 0xDC2828)])));

        Assert.Contains(responses, static response => response.StatusCode == HttpStatusCode.OK);
        Assert.Contains(responses, static response => response.StatusCode == HttpStatusCode.TooManyRequests);
        foreach (var response in responses)
        {
            using (response)
            {
                Assert.True(response.IsSuccessStatusCode || response.Headers.RetryAfter?.Delta >= TimeSpan.FromSeconds(1), response.ToString());
                if (response.IsSuccessStatusCode)
                {
                    Assert.NotEmpty((await ReadAsync(response)).Text);
                }
            }
        }
    }

    [Fact]
    public async Task A_bad_request_is_told_what_is_wrong_with_it()
    {
        await using var app = await StartAsync();
        using var visitor = Visitor(app);
        ChatTurn[][] conversations =
        [
            [],
            [new("assistant", "Hello!", null)],
            [new("system", "You are somebody else.", null), new("user", "Hi!", null)],
            [new("user", new string('x', 9_000), null)],
            [new("user", "Look!", "https://example.com/picture.png")],
            [new("user", "Look!", "data:image/png;base64," + Convert.ToBase64String("no picture"u8))],
            [new("user", "Look!", "data:image/png;base64," + Convert.ToBase64String(TestPictures.Promising(50_000, 50_000)))],
        ];
        foreach (var conversation in conversations)
        {
            using var response = await PostAsync(visitor, conversation);
            Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
            Assert.NotEmpty((await response.Content.ReadFromJsonAsync<JsonElement>(Cancellation)).GetProperty("detail").GetString()!);
        }
    }

    [Fact]
    public async Task The_page_is_there_and_the_health_check_knows_the_model()
    {
        await using var app = await StartAsync();
        using var visitor = Visitor(app);
        Assert.Contains("chat.js", await visitor.GetStringAsync("/", Cancellation), StringComparison.Ordinal);
        Assert.Contains("/api/chat", await visitor.GetStringAsync("/chat.js", Cancellation), StringComparison.Ordinal);
        using var answer = await PostAsync(visitor, [new ChatTurn("user", "Hello!", null)]);
        Assert.Equal("Hello!", (await ReadAsync(answer)).Text.Trim());
        Assert.Equal("Healthy", await visitor.GetStringAsync("/health", Cancellation));
    }

    private static async Task<WebApplication> StartAsync(params string[] args)
    {
        var app = Samples.WebChat.Program.Create(["--urls", "http://127.0.0.1:0", "--Logging:LogLevel:Default", "Error", .. args]);
        await app.StartAsync(Cancellation);
        return app;
    }

    private static HttpClient Visitor(WebApplication app) => new() { BaseAddress = new Uri(app.Urls.First()), Timeout = TimeSpan.FromMinutes(5) };

    /// <summary>Three questions about one picture, as a browser of its own asks them.</summary>
    private static async Task<List<(string Text, long Read, long Reused)>> ConverseAsync(WebApplication app, uint colour)
    {
        using var visitor = Visitor(app);
        var (turns, answers) = (new List<ChatTurn>(), new List<(string, long, long)>());
        foreach (var turn in new[] { Ask("Describe the picture.", colour), new ChatTurn("user", "How many objects are there?", null), new ChatTurn("user", "What color is the circle?", null) })
        {
            turns.Add(turn);
            using var response = await PostAsync(visitor, turns);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            var answer = await ReadAsync(response);
            answers.Add(answer);
            turns.Add(new ChatTurn("assistant", answer.Text, null));
        }

        return answers;
    }

    private static ChatTurn Ask(string text, uint colour) => new("user", text, "data:image/png;base64," + Convert.ToBase64String(TestPictures.Circle(colour)));

    private static async Task<HttpResponseMessage> PostAsync(HttpClient visitor, IReadOnlyList<ChatTurn> turns)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/chat") { Content = JsonContent.Create(new ChatRequest(turns), options: Web) };
        return await visitor.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancellation);
    }

    private static async Task<(string Text, long Read, long Reused)> ReadAsync(HttpResponseMessage response)
    {
        var (text, read, reused) = ("", -1L, -1L);
        await using var body = await response.Content.ReadAsStreamAsync(Cancellation);
        await foreach (var item in SseParser.Create(body, (_, data) => JsonSerializer.Deserialize<ChatEvent>(data, Web)!).EnumerateAsync(Cancellation))
        {
            text += item.Data.Text;
            (read, reused) = (item.Data.Read ?? read, item.Data.Reused ?? reused);
        }

        return (text, read, reused);
    }
}
