using Spectre.Console;

namespace RwkvSk.Cli.Hub;

/// <summary>A bar for every file on the terminal; elsewhere nothing, so that redirected streams stay clean.</summary>
internal static class TransferDisplay
{
    /// <summary>Does the work.</summary>
    /// <param name="error">The error stream.</param>
    /// <param name="files">What is to come.</param>
    /// <param name="work">Brings one file; is given where to say how many of its bytes are there.</param>
    public static async Task ShowAsync(TextWriter error, IReadOnlyList<HubFile> files, Func<HubFile, Action<long>, Task> work)
    {
        if (error != Console.Error || Console.IsErrorRedirected)
        {
            foreach (var file in files)
            {
                await work(file, static _ => { });
            }

            return;
        }

        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(error) });
        await console.Progress()
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new DownloadedColumn(), new TransferSpeedColumn(), new RemainingTimeColumn())
            .StartAsync(async context =>
            {
                foreach (var file in files)
                {
                    var bar = context.AddTask(Markup.Escape(file.Path), maxValue: Math.Max(file.Size, 1));
                    await work(file, bytes => bar.Value = bytes);
                    bar.Value = bar.MaxValue;
                }
            });
    }
}
