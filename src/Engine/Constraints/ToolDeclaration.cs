using System.Text.Json;

namespace RwkvSk.Engine.Constraints;

/// <summary>A function that a constrained call may name.</summary>
public sealed class ToolDeclaration
{
    /// <summary>Declares a function.</summary>
    /// <param name="name">The name the model writes.</param>
    /// <param name="parameters">JSON Schema of the arguments object; a default value (<see cref="JsonValueKind.Undefined"/>) stands for any object.</param>
    public ToolDeclaration(string name, JsonElement parameters = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        (Name, Parameters) = (name, parameters);
    }

    /// <summary>The name the model writes.</summary>
    public string Name { get; }

    /// <summary>JSON Schema of the arguments object.</summary>
    public JsonElement Parameters { get; }
}
