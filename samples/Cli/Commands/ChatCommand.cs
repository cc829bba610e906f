using System.CommandLine;
using RwkvSk.Connector;
using RwkvSk.Engine;

namespace RwkvSk.Cli.Commands;

/// <summary><c>chat</c>: one question with <c>--prompt</c>, a conversation without.</summary>
internal static class ChatCommand
{
    private const string Help = "/image FILE shows a picture with the next question, /reset begins anew, /exit (or an empty input stream) ends.";

    public static Command Create(TextReader input)
    {
        var prompt = new Option<string?>("--prompt") { Description = "One question; without it, questions are read line by line." };
        var image = new Option<string?>("--image") { Description = "A picture that goes with the first question." };
        var system = new Option<string?>("--system") { Description = "A system text." };
        var seed = new Option<long?>("--seed") { Description = "Equal seeds give equal answers." };
        var temperature = new Option<float?>("--temperature") { Description = "0 always takes the most likely token." }.AtLeast(0f);
        var maxTokens = new Option<int?>("--max-tokens") { Description = "Most tokens of an answer." }.AtLeast(1);
        var command = new Command("chat", "Talks with a model.");
        var arguments = new ModelArguments(command);
        foreach (var option in new Option[] { prompt, image, system, seed, temperature, maxTokens })
        {
            command.Add(option);
        }

        command.SetAction(async (parse, cancellationToken) =>
        {
            var options = arguments.ServiceOptions(parse);
            Vocabulary.Require(options.ModelPath);
            var settings = new RwkvPromptExecutionSettings { Seed = parse.GetValue(seed), Temperature = parse.GetValue(temperature), MaxTokens = parse.GetValue(maxTokens) };
            var (output, error) = (parse.InvocationConfiguration.Output, parse.InvocationConfiguration.Error);
            using var talk = new Talk(options, settings, output);
            talk.Begin(parse.GetValue(system));
            if (parse.GetValue(prompt) is { } question)
            {
                await talk.AskAsync(question, parse.GetValue(image), cancellationToken);
                return;
            }

            await error.WriteLineAsync(Help);
            await ConverseAsync(talk, input, error, parse.GetValue(image), parse.GetValue(system), cancellationToken);
        });
        return command;
    }

    private static async Task ConverseAsync(Talk talk, TextReader input, TextWriter error, string? picture, string? system, CancellationToken cancellationToken)
    {
        while (true)
        {
            await error.WriteAsync("> ");
            await error.FlushAsync(cancellationToken);
            var line = (await input.ReadLineAsync(cancellationToken))?.Trim();
            switch (line)
            {
                case null or "/exit":
                    return;
                case "":
                    continue;
                case "/reset":
                    talk.Begin(system);
                    picture = null;
                    continue;
                case var _ when line.StartsWith("/image ", StringComparison.Ordinal):
                    picture = line["/image ".Length..].Trim();
                    continue;
            }

            try
            {
                await error.WriteLineAsync(await talk.AskAsync(line, picture, cancellationToken));
            }
            catch (Exception exception) when (exception is ImageFormatException or FileNotFoundException or DirectoryNotFoundException && picture is not null)
            {
                // A mistyped picture ends the question, not the conversation.
                await error.WriteLineAsync(exception.Message);
            }

            picture = null;
        }
    }
}
