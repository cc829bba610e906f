using Xunit.v3;

namespace RwkvSk.Connector.Tests.Conformance;

/// <summary>The numbers of the connector's conformance list that a test answers. <c>--filter-trait Item=73</c> runs one item.</summary>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Class, AllowMultiple = true)]
public sealed class ItemAttribute(params int[] numbers) : Attribute, ITraitAttribute
{
    public IReadOnlyList<int> Numbers => numbers;

    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() =>
        [.. numbers.Select(static number => KeyValuePair.Create("Item", number.ToString(System.Globalization.CultureInfo.InvariantCulture)))];
}
