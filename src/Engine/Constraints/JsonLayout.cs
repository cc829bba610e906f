namespace RwkvSk.Engine.Constraints;

/// <summary>The white space of constrained JSON. It is fixed, so that no answer is spent on blanks.</summary>
public enum JsonLayout
{
    /// <summary>None at all: <c>{"a":1,"b":[2,3]}</c>.</summary>
    Compact,

    /// <summary>One space behind every colon and comma: <c>{"a": 1, "b": [2, 3]}</c>.</summary>
    Spaced,
}
