namespace RwkvSk.Connector.Prompting;

/// <summary>A function call as the model writes it. Arguments keep the order they were given in.</summary>
/// <param name="Name">The advertised name.</param>
/// <param name="Arguments">Values by parameter; anything that can be written as JSON.</param>
internal sealed record ToolCall(string Name, IReadOnlyList<KeyValuePair<string, object?>> Arguments);
