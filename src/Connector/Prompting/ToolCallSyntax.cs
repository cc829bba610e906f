namespace RwkvSk.Connector.Prompting;

/// <summary>Which forms of calls an answer may hold.</summary>
[Flags]
internal enum ToolCallSyntax
{
    /// <summary>A fenced JSON object.</summary>
    Fenced = 0,

    /// <summary>Also an object without its fence, at the very start of the answer.</summary>
    Bare = 1,

    /// <summary>More than one call in an answer.</summary>
    Several = 2,

    /// <summary>The prompt has already opened the fence.</summary>
    Opened = 4,
}
