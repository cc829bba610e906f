using Spectre.Console;

namespace RwkvSk.Cli;

/// <summary>Shows on the terminal that something is going on; elsewhere it shows nothing, so that redirected streams stay clean.</summary>
internal static class Working
{
    /// <summary>Does some work under a spinner on the error stream.</summary>
    /// <param name="error">The error stream.</param>
    /// <param name="what">What is going on, at the beginning.</param>
    /// <param name="work">The work; it may say how far it is.</param>
    public static T Show<T>(TextWriter error, string what, Func<Action<string>, T> work)
    {
        if (error != Console.Error || Console.IsErrorRedirected)
        {
            return work(static _ => { });
        }

        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(error) });
        return console.Status().Start(Markup.Escape(what), context => work(text => context.Status(Markup.Escape(text))));
    }
}
