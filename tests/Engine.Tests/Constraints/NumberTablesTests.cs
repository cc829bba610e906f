using System.Globalization;
using System.Text;
using System.Text.Json;
using RwkvSk.Engine.Constraints.Grammars;
using Xunit;

namespace RwkvSk.Engine.Tests.Constraints;

public class NumberTablesTests
{
    [Fact]
    public void An_integer_is_accepted_exactly_where_it_lies_in_the_range()
    {
        var random = new Random(2);
        for (var round = 0; round < 60; round++)
        {
            var low = random.Next(-1200, 1200);
            var high = low + random.Next(0, 1500);
            int? step = random.Next(2) == 0 ? random.Next(2, 40) : null;
            var (isLowOpen, isHighOpen) = (random.Next(3) == 0, random.Next(3) == 0);
            var range = new NumberRange(new(Parse($"{low}"), isLowOpen), new(Parse($"{high}"), isHighOpen), step is null ? null : Parse($"{step}"), WholeOnly: true);
            var table = NumberTables.For(range);
            for (var value = low - 15; value <= high + 15; value++)
            {
                var expected = (isLowOpen ? value > low : value >= low) && (isHighOpen ? value < high : value <= high) && value % (step ?? 1) == 0;
                Assert.True(expected == Matches(table, value.ToString(CultureInfo.InvariantCulture)), $"{value} in {range}");
            }
        }
    }

    [Fact]
    public void A_decimal_is_accepted_exactly_where_it_lies_in_the_range()
    {
        var random = new Random(3);
        for (var round = 0; round < 60; round++)
        {
            var low = random.Next(-3000, 3000) / 100m;
            var high = low + (random.Next(0, 800) / 100m);
            decimal? step = random.Next(3) == 0 ? random.Next(1, 30) / 100m : null;
            var (isLowOpen, isHighOpen) = (random.Next(3) == 0, random.Next(3) == 0);
            var range = new NumberRange(new(Parse(low), isLowOpen), new(Parse(high), isHighOpen), step is { } s ? Parse(s) : null, WholeOnly: false);
            var table = NumberTables.For(range);
            for (var value = low - 0.105m; value <= high + 0.1m; value += 0.005m)
            {
                var expected = (isLowOpen ? value > low : value >= low) && (isHighOpen ? value < high : value <= high) && value % (step ?? 0.001m) == 0;
                var text = (value / 1.0000000000m).ToString(CultureInfo.InvariantCulture);   // without trailing zeros
                Assert.True(expected == Matches(table, text), $"{text} in {range}");
            }
        }
    }

    [Theory]
    [InlineData("0.1", "0.10000000000000000001", "0.100000000000000000005")]
    [InlineData("-1e-5", "1e-5", "0.000001")]
    [InlineData("99999999999999999999", "100000000000000000000", "99999999999999999999")]
    public void Bounds_of_any_size_are_exact(string low, string high, string inside)
    {
        var table = NumberTables.For(new(new(Parse(low), Exclusive: false), new(Parse(high), Exclusive: true), null, WholeOnly: false));
        Assert.True(Matches(table, inside));
        Assert.False(Matches(table, Parse(high).ToString()));
    }

    [Fact]
    public void A_range_without_numbers_has_no_table()
    {
        Assert.Null(NumberTables.For(new(new(Parse("1"), Exclusive: true), new(Parse("2"), Exclusive: true), null, WholeOnly: true)));
        Assert.Null(NumberTables.For(new(new(Parse("1"), Exclusive: true), new(Parse("1"), Exclusive: false), null, WholeOnly: false)));
        Assert.Null(NumberTables.For(new(new(Parse("1"), Exclusive: false), new(Parse("6"), Exclusive: false), Parse("7"), WholeOnly: false)));
    }

    [Theory]
    [InlineData("int32", "2147483647", "2147483648")]
    [InlineData("uint8", "255", "256")]
    [InlineData("int64", "-9223372036854775808", "-9223372036854775809")]
    public void An_integer_format_bounds_the_value(string format, string inside, string outside)
    {
        var constraint = RwkvSk.Engine.Constraints.Constraint.FromJsonSchema($$"""{"type":"integer","format":"{{format}}"}""");
        Assert.True(constraint.Accepts(inside));
        Assert.False(constraint.Accepts(outside));
    }

    private static bool Matches(ByteTable? table, string text) => table is not null && table.Matches(Encoding.UTF8.GetBytes(text));

    private static JsonDecimal Parse(decimal value) => Parse(value.ToString(CultureInfo.InvariantCulture));

    private static JsonDecimal Parse(string text)
    {
        Assert.True(JsonDecimal.TryParse(JsonDocument.Parse(text).RootElement, out var value));
        return value;
    }
}
