using RwkvSk.Connector;
using RwkvSk.Engine;

namespace RwkvSk.Samples.AgentWithTools;

/// <summary>An agent that looks at pictures, calls functions, and asks before it changes anything: offline, in this process.</summary>
public static class Program
{
    /// <summary>Runs the agent's errands.</summary>
    /// <param name="args"><c>[FOLDER] [--model PATH]</c>; without them, the bundled pictures and the bundled model.</param>
    /// <returns>0 when every errand reached its function and the picture that one of them returned was read; 1 otherwise, with a sentence that says why.</returns>
    public static Task<int> Main(string[] args) => RunAsync(args, Console.In, Console.Out, Console.Error);

    internal static async Task<int> RunAsync(string[] args, TextReader input, TextWriter output, TextWriter error)
    {
        try
        {
            var arguments = Arguments.Parse(args);
            using var model = new RwkvChatClient(new RwkvOptions { ModelPath = arguments.Model });
            return await new Errands(arguments, new Tracer(model, output), input, output).RunAsync() ? 0 : 1;
        }
        catch (Exception exception) when (exception is
            ModelFormatException or ImageFormatException or LibTorchException or IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            await error.WriteLineAsync(exception.Message);
            return 1;
        }
    }
}
