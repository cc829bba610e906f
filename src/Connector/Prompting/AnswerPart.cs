using System.Text.Json;

namespace RwkvSk.Connector.Prompting;

/// <summary>What a piece of an answer turned out to be.</summary>
internal abstract record AnswerPart;

/// <summary>Text for the reader.</summary>
internal sealed record AnswerText(string Text) : AnswerPart;

/// <summary>What the model thought before it answered.</summary>
internal sealed record AnswerThought(string Text) : AnswerPart;

/// <summary>A function call.</summary>
/// <param name="Name">The function's name as written.</param>
/// <param name="Arguments">Values by parameter; empty when they could not be read.</param>
/// <param name="Json">The arguments as JSON, or what was written in their place.</param>
/// <param name="Error">Why the call could not be read; null for a good one.</param>
internal sealed record AnswerCall(string Name, IReadOnlyList<KeyValuePair<string, JsonElement>> Arguments, string Json, Exception? Error = null) : AnswerPart;
