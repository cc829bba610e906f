using System.CommandLine;
using System.Globalization;
using Microsoft.Extensions.AI;
using RwkvSk.Connector;
using RwkvSk.Engine;

namespace RwkvSk.Cli.Commands;

/// <summary><c>turns</c>: what every turn of a conversation costs, beside what it costs an engine that keeps nothing.</summary>
internal static class TurnsCommand
{
    private const string Instructions = "You are a helpful assistant. You look at pictures and answer questions about them in one short sentence.";

    private static readonly string[] Questions = ["Describe the picture.", "How many objects are there?", "What color is the circle?", "Where is the circle?", "Is there a square?"];

    public static Command Create()
    {
        var image = new Option<string?>("--image") { Description = "A picture that goes with the first question." };
        var system = new Option<string>("--system") { Description = "The system text.", DefaultValueFactory = static _ => Instructions };
        var pause = new Option<int>("--pause") { Description = "Milliseconds between an answer and the next question.", DefaultValueFactory = static _ => 500 }.AtLeast(0);
        var maxTokens = new Option<int>("--max-tokens") { Description = "Most tokens of an answer.", DefaultValueFactory = static _ => 64 }.AtLeast(1);
        var command = new Command("turns", "Shows what every turn of a conversation costs, as a Markdown table.") { image, system, pause, maxTokens };
        var arguments = new ModelArguments(command);
        command.SetAction(async (parse, cancellationToken) =>
        {
            var options = arguments.ServiceOptions(parse);
            Vocabulary.Require(options.ModelPath);
            var picture = parse.GetValue(image) is { } file ? await File.ReadAllBytesAsync(file, cancellationToken) : null;
            Task<List<GenerationUsage>> TalkAsync() => RunAsync(
                options, parse.GetRequiredValue(system), picture, parse.GetValue(maxTokens), TimeSpan.FromMilliseconds(parse.GetValue(pause)), cancellationToken);
            var kept = await TalkAsync();
            (options.PrefixCacheBytes, options.ImageCacheBytes) = (0, 0);
            await WriteAsync(parse.InvocationConfiguration.Output, kept, await TalkAsync());
        });
        return command;
    }

    /// <summary>The same conversation every time: answers are greedy.</summary>
    private static async Task<List<GenerationUsage>> RunAsync(RwkvOptions options, string system, byte[]? picture, int maxTokens, TimeSpan pause, CancellationToken cancellationToken)
    {
        using var client = new RwkvChatClient(options);
        var request = new ChatOptions { Temperature = 0, MaxOutputTokens = maxTokens };
        await client.GetResponseAsync("Hi", new ChatOptions { Temperature = 0, MaxOutputTokens = 1 }, cancellationToken);   // loads, and has everything compiled
        var messages = new List<ChatMessage> { new(ChatRole.System, system) };
        var usages = new List<GenerationUsage>();
        foreach (var question in Questions)
        {
            messages.Add(new ChatMessage(ChatRole.User, usages.Count == 0 && picture is not null ? [new DataContent(picture, "image/png"), new TextContent(question)] : [new TextContent(question)]));
            await Task.Delay(pause, cancellationToken);   // a person takes longer; what is read ahead is read here
            var response = await client.GetResponseAsync(messages, request, cancellationToken);
            usages.Add(((RwkvAnswer)response.RawRepresentation!).Usage);
            messages.AddRange(response.Messages);
        }

        return usages;
    }

    private static async Task WriteAsync(TextWriter output, List<GenerationUsage> kept, List<GenerationUsage> cold)
    {
        await output.WriteLineAsync("| Turn | Tokens of the conversation | reused | read | First token, ms | First token when nothing is kept, ms |");
        await output.WriteLineAsync("|---|---|---|---|---|---|");
        for (var i = 0; i < kept.Count; i++)
        {
            await output.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture,
                $"| {i + 1} | {kept[i].PromptPositions} | {kept[i].ReusedPositions} | {kept[i].PromptPositions - kept[i].ReusedPositions} | {kept[i].TimeToFirstToken.TotalMilliseconds:F1} | {cold[i].TimeToFirstToken.TotalMilliseconds:F1} |"));
        }
    }
}
