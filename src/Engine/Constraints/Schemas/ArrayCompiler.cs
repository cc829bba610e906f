using System.Text.Json;
using RwkvSk.Engine.Constraints.Grammars;

namespace RwkvSk.Engine.Constraints.Schemas;

/// <summary>Arrays: leading items by place, the rest by one schema, bounds on the count.</summary>
internal sealed class ArrayCompiler(SchemaCompiler compiler)
{
    public GrammarNode Compile(IReadOnlyList<SchemaLocation> schemas)
    {
        var minimum = schemas.Max(static s => s.Count("minItems") ?? 0);
        var maximum = schemas.Min(static s => s.Count("maxItems") ?? Terminal.Unlimited);
        if (schemas.FirstOrDefault(static s => s.TryGet("uniqueItems", out var unique) && unique.ValueKind is JsonValueKind.True) is { } owner && maximum > 1)
        {
            throw owner.Refuse("uniqueItems", "that items differ cannot be expressed");
        }

        var shapes = schemas.Select(ItemsOf).ToArray();
        var leading = shapes.Max(static s => s.Leading.Length);
        if (shapes.Any(static s => s.EndsAfterLeading))
        {
            maximum = Math.Min(maximum, shapes.Where(static s => s.EndsAfterLeading).Min(static s => s.Leading.Length));
        }

        if (minimum > maximum)
        {
            return compiler.Nothing(schemas[0].Path, $"no array has at least {minimum} and at most {maximum} items");
        }

        return compiler.Grammar.Array(Items(0));

        GrammarNode Items(int index)
        {
            if (index == maximum)
            {
                return GrammarNode.Empty;
            }

            var item = compiler.Compile(shapes.Select(s => index < s.Leading.Length ? s.Leading[index] : s.Rest).OfType<SchemaLocation>());
            var comma = compiler.Grammar.Literal(compiler.Grammar.Comma);
            if (index >= leading)
            {
                var most = maximum == Terminal.Unlimited ? maximum : maximum - index;
                return new Repeat(item, comma, Math.Max(minimum - index, 0), most, separatorFirst: index > 0);
            }

            var more = index == 0 ? new Sequence(item, Items(1)) : new Sequence(comma, item, Items(index + 1));
            return index >= minimum ? new Choice([GrammarNode.Empty, more]) : more;
        }
    }

    /// <summary>What one schema says about items. The older spelling has an array under <c>items</c> and the rest under <c>additionalItems</c>.</summary>
    private static ItemShape ItemsOf(SchemaLocation schema)
    {
        var isOlder = schema.TryGet("items", out var items) && items.ValueKind is JsonValueKind.Array;
        SchemaLocation[] leading = [.. schema.Children(isOlder ? "items" : "prefixItems")];
        var keyword = isOlder ? "additionalItems" : "items";
        var rest = schema.TryGet(keyword, out var value) ? schema.Child(keyword, value) : null;

        // A tuple that does not mention further items has none.
        var isClosed = leading.Length > 0 && rest is null && !schema.IsGuest;
        return new(leading, rest, isClosed || rest?.Schema.ValueKind is JsonValueKind.False);
    }

    private sealed record ItemShape(SchemaLocation[] Leading, SchemaLocation? Rest, bool EndsAfterLeading);
}
