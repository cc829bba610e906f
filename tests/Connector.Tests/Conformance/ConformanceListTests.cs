using System.Reflection;
using Xunit;

namespace RwkvSk.Connector.Tests.Conformance;

/// <summary>The conformance list as a whole: every number has a test, or a reason that shows in the report.</summary>
public class ConformanceListTests
{
    private const int Length = 141;

    private static readonly Dictionary<int, string> NotHeld = new()
    {
        [126] = "snapshots are written and read by the engine; the connector has no part in it",
    };

    public static TheoryData<int> Numbers => [.. Enumerable.Range(1, Length)];

    [Theory]
    [MemberData(nameof(Numbers))]
    public void Every_item_has_a_test_or_a_reason(int number)
    {
        var tests = typeof(ConformanceListTests).Assembly.GetTypes()
            .SelectMany(static type => type.GetMethods().Select(method => (type, method)))
            .Where(pair => ItemsOf(pair.method).Concat(ItemsOf(pair.type)).Contains(number) && pair.method.GetCustomAttributes<FactAttribute>().Any())
            .Select(static pair => $"{pair.type.Name}.{pair.method.Name}")
            .ToList();
        Assert.SkipWhen(NotHeld.ContainsKey(number), $"Item {number} does not hold: {NotHeld.GetValueOrDefault(number)}");
        Assert.NotEmpty(tests);
    }

    private static IEnumerable<int> ItemsOf(MemberInfo member) => member.GetCustomAttributes<ItemAttribute>().SelectMany(static item => item.Numbers);
}
