using RwkvSk.TestKit;
using Xunit;

namespace RwkvSk.Engine.Tests.Weights;

public sealed class ToleranceTests
{
    [Fact]
    public void The_worst_place_is_reported()
    {
        var failure = Assert.Throws<ToleranceException>(() => Tolerance.AssertClose([1, 2, 3], [1.001f, 2, 4], "logits"));
        Assert.StartsWith("logits: 2 of 3", failure.Message, StringComparison.Ordinal);
        Assert.Contains("[2]: expected 3, got 4", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Values_within_limits_and_equal_infinities_pass() =>
        Tolerance.AssertClose([1, float.NegativeInfinity, 100], [1.0001f, float.NegativeInfinity, 100.005f], "logits");

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void What_is_not_finite_fails(float value) =>
        Assert.Throws<ToleranceException>(() => Tolerance.AssertClose([1], [value], "logits"));

    [Fact]
    public void Another_length_fails() => Assert.Throws<ToleranceException>(() => Tolerance.AssertClose([1], [1, 1], "logits"));
}
