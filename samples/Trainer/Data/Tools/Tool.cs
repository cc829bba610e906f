using System.Text.Json;

namespace RwkvSk.Trainer.Data;

/// <summary>One argument that a tool takes.</summary>
/// <param name="Name">Its name in the call.</param>
/// <param name="Type">string, number, integer, boolean, array, object, or <c>"a" | "b"</c> for a choice.</param>
/// <param name="IsOptional">Whether a call may leave it out.</param>
internal sealed record ToolParameter(string Name, string Type, bool IsOptional = false);

/// <summary>A function that the model may call, as the tools block shows it.</summary>
/// <param name="Name">As it stands in a call.</param>
/// <param name="Parameters">In declared order.</param>
/// <param name="Description">A short sentence, or null.</param>
internal sealed record Tool(string Name, IReadOnlyList<ToolParameter> Parameters, string? Description)
{
    /// <summary>"- lamp_set_color(color: string, level?: number): Turns the lamp to a color."</summary>
    public string Line() =>
        $"- {Name}({string.Join(", ", Parameters.Select(p => $"{p.Name}{(p.IsOptional ? "?" : string.Empty)}: {p.Type}"))})"
        + (Description is null ? string.Empty : $": {Description}");

    /// <summary>The JSON Schema of its arguments, as an application would declare it.</summary>
    public JsonElement Schema() => JsonSerializer.SerializeToElement(new
    {
        type = "object",
        properties = Parameters.ToDictionary(static p => p.Name, static p => p.Type.StartsWith('"')
            ? (object)new { @enum = p.Type.Split(" | ").Select(static choice => choice.Trim('"')) }
            : new { type = p.Type }),
        required = Parameters.Where(static p => !p.IsOptional).Select(static p => p.Name),
        additionalProperties = false,
    });
}

/// <summary>A call's arguments: names with their JSON values, in declared order.</summary>
internal sealed record ToolCall(string Name, IReadOnlyList<(string Name, string Json)> Arguments)
{
    /// <summary>The call as an assistant says it: compact JSON in a fence.</summary>
    public string Text() =>
        $"```json\n{{\"name\":\"{Name}\",\"arguments\":{{{string.Join(',', Arguments.Select(a => $"\"{a.Name}\":{a.Json}"))}}}}}\n```";
}

/// <summary>The tools block at the end of a system text.</summary>
internal static class ToolsBlock
{
    public const string Closing = "Return a JSON function call when a tool fits.";

    public static string Text(IEnumerable<Tool> tools, string? before = null) =>
        $"{(before is null ? string.Empty : before + "\n")}Tools:\n{string.Join('\n', tools.Select(t => t.Line()))}\n{Closing}";
}
