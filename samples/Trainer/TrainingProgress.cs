using Spectre.Console;

namespace RwkvSk.Trainer;

/// <summary>A bar with the last figures and the time that is left, on a terminal; nothing where the error stream goes to a file.</summary>
internal static class TrainingProgress
{
    /// <summary>Does the work under the bar.</summary>
    /// <param name="first">Steps done already.</param>
    /// <param name="total">Steps in all.</param>
    /// <param name="work">Is given what moves the bar: steps done, and what to say of them.</param>
    public static void Run(int first, int total, Action<Action<int, string>> work)
    {
        if (Console.IsErrorRedirected)
        {
            work(static (_, _) => { });
            return;
        }

        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        console.Progress().AutoClear(true).Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn()).Start(context =>
        {
            var bar = context.AddTask("training", maxValue: total);
            bar.Value = first;
            work((done, figures) =>
            {
                bar.Value = done;
                bar.Description = Markup.Escape(figures);
            });
        });
    }
}
