using System.Text;
using RwkvSk.Engine.Constraints;
using RwkvSk.Engine.Constraints.Masks;

namespace RwkvSk.Engine.Tests.Constraints;

/// <summary>Asks a constraint about whole texts, byte by byte.</summary>
internal static class ConstraintProbe
{
    public static readonly VocabularyTrie Bytes = new(ListTokenizer.Bytes);

    /// <summary>The text may be written and may end there.</summary>
    public static bool Accepts(this Constraint constraint, string text) => constraint.Read(text) is { MayEnd: true };

    /// <summary>The cursor behind the text; null where the text leaves the constraint.</summary>
    public static ConstraintCursor? Read(this Constraint constraint, string text)
    {
        var cursor = constraint.Start(Bytes);
        foreach (var value in Encoding.UTF8.GetBytes(text))
        {
            if (!cursor.Allows(value + 1))
            {
                return null;
            }

            cursor.Accept(value + 1);
        }

        return cursor;
    }
}
