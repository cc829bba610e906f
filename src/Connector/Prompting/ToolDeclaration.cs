using System.Text.Json;
using Microsoft.Extensions.AI;

namespace RwkvSk.Connector.Prompting;

/// <summary>A function the model may call: what the tools block shows and what the arguments are checked against.</summary>
/// <param name="Name">The name the model writes.</param>
/// <param name="Description">What it does; may be empty.</param>
/// <param name="Schema">JSON Schema of the arguments object. Only <c>properties</c>, <c>required</c> and local definitions are read, so foreign root keywords do no harm.</param>
internal sealed record ToolDeclaration(string Name, string Description, JsonElement Schema)
{
    /// <summary>Reads a declaration through its Microsoft.Extensions.AI face, where a kernel function is called "Plugin_Function".</summary>
    public static ToolDeclaration From(AIFunctionDeclaration function)
    {
        AITool tool = function;
        return new ToolDeclaration(tool.Name, tool.Description, function.JsonSchema);
    }

    /// <summary>The parameters in declared order, each with whether it must be given.</summary>
    public IEnumerable<(string Name, JsonElement Schema, bool Required)> Parameters()
    {
        if (Schema.ValueKind is not JsonValueKind.Object || !Schema.TryGetProperty("properties", out var properties) || properties.ValueKind is not JsonValueKind.Object)
        {
            yield break;
        }

        var required = Schema.TryGetProperty("required", out var names) && names.ValueKind is JsonValueKind.Array
            ? names.EnumerateArray().Select(static name => name.GetString()).ToHashSet()
            : [];
        foreach (var property in properties.EnumerateObject())
        {
            yield return (property.Name, property.Value, required.Contains(property.Name));
        }
    }
}
