using System.ComponentModel;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel;
using ImageContent = Microsoft.SemanticKernel.ImageContent;

namespace RwkvSk.Samples.AgentWithTools;

/// <summary>What the agent can do: take a picture of a place, note a count, and, if it is allowed to, turn the lamp to a color.</summary>
internal sealed class Room
{
    private readonly IReadOnlyDictionary<string, string> _pictures;

    /// <param name="pictures">Path by place.</param>
    public Room(IReadOnlyDictionary<string, string> pictures)
    {
        _pictures = pictures;
        KernelPlugin camera = KernelPluginFactory.CreateFromFunctions("camera", [KernelFunctionFactory.CreateFromMethod(
            Look, "look", "Takes a picture of a place.", [new KernelParameterMetadata("place") { IsRequired = true, Schema = OneOf(pictures.Keys) }])]);
        KernelPlugin log = KernelPluginFactory.CreateFromFunctions("log", [KernelFunctionFactory.CreateFromMethod(
            RecordCount, "record_count", "Records a count in the log.", [new KernelParameterMetadata("count") { IsRequired = true, ParameterType = typeof(int), Schema = Between(0, 20) }])]);
        KernelPlugin lamp = KernelPluginFactory.CreateFromFunctions("lamp", [KernelFunctionFactory.CreateFromMethod(
            SetColor, "set_color", "Turns the lamp to a color.", [new KernelParameterMetadata("color") { IsRequired = true, Schema = OneOf(["red", "green", "blue", "yellow", "purple", "orange"]) }])]);

        // Looking and noting are free; whoever wants to change the room has to ask.
        Tools = [camera["look"], log["record_count"], new ApprovalRequiredAIFunction(lamp["set_color"])];
    }

    /// <summary>The functions as an agent takes them.</summary>
    public IList<AITool> Tools { get; }

    /// <summary>What was done, a line each.</summary>
    public List<string> Done { get; } = [];

    private ImageContent Look(string place)
    {
        Done.Add($"camera_look {place}");
        return new ImageContent(File.ReadAllBytes(_pictures[place]), "image/png");   // any format: the bytes decide
    }

    private string RecordCount(int count)
    {
        Done.Add($"log_record_count {count}");
        return $"The log says {count}.";
    }

    private string SetColor([Description("The color.")] string color)
    {
        Done.Add($"lamp_set_color {color}");
        return $"The lamp is {color} now.";
    }

    private static KernelJsonSchema OneOf(IEnumerable<string> values) => KernelJsonSchema.Parse(JsonSerializer.Serialize(new { type = "string", @enum = values }));

    private static KernelJsonSchema Between(int minimum, int maximum) => KernelJsonSchema.Parse(JsonSerializer.Serialize(new { type = "integer", minimum, maximum }));
}
