using System.Globalization;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using RwkvSk.Connector;
using RwkvSk.Engine;
using ImageContent = Microsoft.SemanticKernel.ImageContent;

namespace RwkvSk.Samples.Quickstart;

/// <summary>The main job, step by step. It prints what the model says, whatever that is.</summary>
internal sealed class Tour(Arguments arguments, TextWriter output)
{
    /// <summary>Takes the tour.</summary>
    /// <returns>Whether the model called the function it was asked to call.</returns>
    public async Task<bool> RunAsync()
    {
        await output.WriteLineAsync($"model    {arguments.Model}");
        await output.WriteLineAsync($"picture  {arguments.Picture}");

        var builder = Kernel.CreateBuilder();
        builder.AddRwkvChatCompletion(arguments.Model);
        var lamp = new Lamp();
        builder.Plugins.AddFromObject(lamp, "lamp");
        var kernel = builder.Build();
        await using var services = (ServiceProvider)kernel.Services;
        var picture = new ImageContent(await File.ReadAllBytesAsync(arguments.Picture), "image/png");   // any format: the bytes decide

        await HeadingAsync("A picture and questions about it. The first answer includes loading the model.");
        var talk = new Conversation(kernel, new RwkvPromptExecutionSettings { Temperature = 0, MaxTokens = 128 }, output);
        await talk.AskAsync("Describe the picture.", picture);
        await output.WriteLineAsync(Describe(kernel));
        await talk.AskAsync("How many objects are there?");
        await talk.AskAsync("What color is the circle?");

        await HeadingAsync("A function that Semantic Kernel calls with what the model saw.");
        var withTools = new RwkvPromptExecutionSettings { Temperature = 0, MaxTokens = 128, FunctionChoiceBehavior = FunctionChoiceBehavior.Auto() };
        var errand = new Conversation(kernel, withTools, output);
        await errand.AskAsync("Turn the lamp to the color of the circle.", picture);
        await output.WriteLineAsync(lamp.Color is { } color ? $"         lamp.set_color was called; the lamp is {color}." : "         The model did not call lamp.set_color.");

        await HeadingAsync("A follow-up. What was read before comes back as one kept state.");
        await errand.AskAsync("Where is the circle?");
        return lamp.Color is not null;
    }

    private Task HeadingAsync(string text) => output.WriteLineAsync($"{Environment.NewLine}{text}");

    private static string Describe(Kernel kernel)
    {
        var engine = (kernel.GetRequiredService<IChatCompletionService>() as IChatClient)?.GetService<RwkvEngine>();
        return engine is null
            ? ""
            : string.Create(CultureInfo.InvariantCulture, $"         ({engine.Model.Version}, {engine.Model.ParameterCount / 1e6:F1} million parameters, {engine.Model.Precision} on {engine.Model.Device})");
    }
}
