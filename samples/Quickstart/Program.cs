using Microsoft.Extensions.Options;
using RwkvSk.Engine;

namespace RwkvSk.Samples.Quickstart;

/// <summary>A picture in, answers and a function call out: offline, in this process.</summary>
public static class Program
{
    /// <summary>Runs the tour.</summary>
    /// <param name="args"><c>[PICTURE] [--model PATH]</c>; without them, the bundled picture and the bundled model.</param>
    /// <returns>0 when every step worked, the function call included; 1 otherwise, with a sentence that says why.</returns>
    public static Task<int> Main(string[] args) => RunAsync(args, Console.Out, Console.Error);

    internal static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter error)
    {
        try
        {
            return await new Tour(Arguments.Parse(args), output).RunAsync() ? 0 : 1;
        }
        catch (Exception exception) when (exception is
            ModelFormatException or ImageFormatException or LibTorchException or IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException or OptionsValidationException)
        {
            await error.WriteLineAsync(exception.Message);
            return 1;
        }
    }
}
