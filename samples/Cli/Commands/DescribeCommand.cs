using System.CommandLine;
using RwkvSk.Connector;

namespace RwkvSk.Cli.Commands;

/// <summary><c>describe</c>: what a picture shows, in one greedy answer.</summary>
internal static class DescribeCommand
{
    public static Command Create()
    {
        var image = new Argument<string>("IMAGE") { Description = "A picture file." };
        var prompt = new Option<string>("--prompt") { Description = "What to ask.", DefaultValueFactory = static _ => new RwkvOptions().CaptionPrompt };
        var command = new Command("describe", "Says what a picture shows.");
        var arguments = new ModelArguments(command);
        command.Add(image);
        command.Add(prompt);
        command.SetAction(async (parse, cancellationToken) =>
        {
            var options = arguments.ServiceOptions(parse);
            Vocabulary.Require(options.ModelPath);
            using var talk = new Talk(options, new RwkvPromptExecutionSettings { Temperature = 0 }, parse.InvocationConfiguration.Output);
            await talk.AskAsync(parse.GetRequiredValue(prompt), parse.GetRequiredValue(image), cancellationToken);
        });
        return command;
    }
}
