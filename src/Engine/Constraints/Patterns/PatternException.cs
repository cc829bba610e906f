namespace RwkvSk.Engine.Constraints.Patterns;

/// <summary>A regular expression that is wrong or outside the supported subset. The schema compiler adds the path.</summary>
internal sealed class PatternException(string message) : Exception(message);
