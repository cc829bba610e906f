using System.Reflection;
using Xunit;

namespace RwkvSk.Connector.Tests.Conformance;

/// <summary>The conformance list as a whole: every number has a test.</summary>
public class ConformanceListTests
{
    private const int Length = 141;

    /// <summary>Items that hold with a difference; it is printed with the test.</summary>
    private static readonly Dictionary<int, string> Differences = new()
    {
        [13] = "a history of system text alone is answered",
        [18] = "a history that ends with an answer is answered anew, not continued",
        [51] = "inside a message the model's layout decides: pictures first, or the sandwich; their order is kept",
        [52] = "pictures belong into user messages and function results; elsewhere they are refused",
        [85] = "with RwkvOptions.ConstrainCalls (the default) such a call cannot be generated; the error is tested without it",
        [86] = "with RwkvOptions.ConstrainCalls (the default) such a call cannot be generated; the error is tested without it",
        [98] = "calls that are left when a filter ends everything get a result of their own, so that the history can go on",
        [105] = "with services.AddKernel() a model that has an id is found by it alone",
        [110] = "the container disposes the engine once; what the engine then frees is the engine's own test",
        [115] = "a full queue is refused at once (429), too long a wait within one step (503); fairness between reading and writing is the scheduler's own test",
        [124] = "eviction by bytes; no time limit",
    };

    public static TheoryData<int> Numbers => [.. Enumerable.Range(1, Length)];

    [Theory]
    [MemberData(nameof(Numbers))]
    public void Every_item_has_a_test(int number)
    {
        var tests = typeof(ConformanceListTests).Assembly.GetTypes()
            .SelectMany(static type => type.GetMethods().Select(method => (type, method)))
            .Where(pair => ItemsOf(pair.method).Concat(ItemsOf(pair.type)).Contains(number) && pair.method.GetCustomAttributes<FactAttribute>().Any())
            .Select(static pair => $"{pair.type.Name}.{pair.method.Name}")
            .ToList();
        Assert.NotEmpty(tests);
        if (Differences.TryGetValue(number, out var difference))
        {
            TestContext.Current.TestOutputHelper?.WriteLine($"Item {number}: {difference} ({string.Join(", ", tests)})");
        }
    }

    private static IEnumerable<int> ItemsOf(MemberInfo member) => member.GetCustomAttributes<ItemAttribute>().SelectMany(static item => item.Numbers);
}
