using RwkvSk.Engine.Weights;
using RwkvSk.TestKit;
using Xunit;

namespace RwkvSk.Engine.Tests.Weights;

/// <summary>Compares an open checkpoint with the entries CASE/NAME of the loader's golden file.</summary>
internal static class LoaderExpectation
{
    public static void AssertSame(IWeightFile checkpoint, string prefix)
    {
        var expected = GoldenTensors.Read(Golden.File("loader", "expected.safetensors"));
        var names = expected.Names.Where(name => name.StartsWith(prefix, StringComparison.Ordinal)).ToArray();
        Assert.NotEmpty(names);
        Assert.Equal(names.Select(name => name[prefix.Length..]).Order(StringComparer.Ordinal), checkpoint.Tensors.Keys.Order(StringComparer.Ordinal));
        foreach (var name in names)
        {
            var info = checkpoint.Tensors[name[prefix.Length..]];
            Assert.Equal(info.Name, name[prefix.Length..]);
            Assert.Equal(expected.Type(name), info.Type.SafetensorsName());
            Assert.Equal(expected.Shape(name), info.Shape);
            Assert.True(expected.Bytes(name).SequenceEqual(checkpoint.Data(info.Name)), $"{name}: other bytes");
        }
    }
}
