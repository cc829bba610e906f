using System.CommandLine;
using System.Globalization;
using RwkvSk.Cli.Hub;
using RwkvSk.Engine;
using RwkvSk.Engine.Weights;

namespace RwkvSk.Cli.Commands;

/// <summary><c>pull</c>: a model's files from the Hugging Face hub, or from one that speaks like it.</summary>
internal static class PullCommand
{
    public static Command Create()
    {
        var repository = new Argument<string>("REPO") { Description = "OWNER/NAME on the hub." };
        var file = new Option<string[]>("--file")
        {
            Description = "A file of the repository, perhaps with * in it; may be given several times. Left out, the repository's only checkpoint and its vocabulary are taken.",
        };
        var to = new Option<string?>("--to") { Description = "The folder; named after the repository when left out." };
        var revision = new Option<string>("--revision") { Description = "A branch, tag or commit.", DefaultValueFactory = static _ => "main" };
        var command = new Command(
            "pull", $"Downloads a model. {HubClient.EndpointVariable} names another hub than {HubClient.PublicEndpoint}, {HubClient.TokenVariable} holds your token.") { repository, file, to, revision };
        command.SetAction(async (parse, cancellationToken) =>
        {
            var (output, error) = (parse.InvocationConfiguration.Output, parse.InvocationConfiguration.Error);
            var endpoint = Environment.GetEnvironmentVariable(HubClient.EndpointVariable);
            var source = HubRepository.Parse(
                parse.GetRequiredValue(repository), parse.GetRequiredValue(revision), string.IsNullOrWhiteSpace(endpoint) ? HubClient.PublicEndpoint : endpoint);
            using var client = new HubClient(source, Environment.GetEnvironmentVariable(HubClient.TokenVariable));
            var files = HubSelection.Choose(source.Name, await client.ListAsync(cancellationToken), parse.GetValue(file) ?? []);

            // All names are judged before anything is written.
            var folder = parse.GetValue(to) ?? source.ShortName;
            var targets = files.ToDictionary(static wanted => wanted, wanted => LocalPath.In(folder, wanted.Path));
            await TransferDisplay.ShowAsync(error, files, async (wanted, progress) =>
            {
                var isNew = await new HubDownload(client, wanted, targets[wanted], progress).RunAsync(cancellationToken);
                await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{targets[wanted]}: {wanted.Size:N0} bytes{(isNew ? "" : ", was there already")}"));
            });
            await SayWhatIsMissingAsync(folder, error);
        });
        return command;
    }

    private static async Task SayWhatIsMissingAsync(string folder, TextWriter error)
    {
        try
        {
            var model = ModelFolder.Open(folder);
            if (model.VocabularyPath is null && !model.CheckpointFiles.Any(static path => path.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase)))
            {
                await error.WriteLineAsync(model.MissingVocabulary);
            }
        }
        catch (ModelFormatException)
        {
            // Several checkpoints, or none: the folder is not a model's alone, and that is no fault here.
        }
    }
}
