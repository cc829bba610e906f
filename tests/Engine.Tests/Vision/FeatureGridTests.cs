using RwkvSk.Engine.Vision;
using RwkvSk.TestKit;
using Xunit;
using static TorchSharp.torch;

namespace RwkvSk.Engine.Tests.Vision;

public class FeatureGridTests
{
    public FeatureGridTests() => Assert.SkipWhen(LibTorch.Missing is not null, LibTorch.Missing ?? "");

    [Theory]
    [InlineData(-1, 577), InlineData(24, 577), InlineData(12, 145), InlineData(8, 65), InlineData(6, 37), InlineData(4, 17), InlineData(3, 10), InlineData(2, 5), InlineData(1, 2), InlineData(0, 1)]
    public void Clips_24_by_24_patches_are_pooled_to_the_published_counts(int size, int positions)
    {
        using var scope = NewDisposeScope();
        var features = zeros([1, 577, 2]);
        Assert.Equal(positions, FeatureGrid.PoolWithClass(features, size, classFirst: false).shape[1]);
        var side = FeatureGrid.SideAfterPooling(24, size, classFirst: false);
        Assert.Equal(positions, 1 + (side * side));
    }

    [Fact]
    public void A_grid_that_a_window_does_not_divide_loses_its_last_rows()
    {
        using var scope = NewDisposeScope();
        var pooled = FeatureGrid.PoolWithClass(arange(10, dtype: ScalarType.Float32).view(1, 10, 1), 2, classFirst: false);   // class 0, patches 1 to 9
        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8, 9, 0], pooled.data<float>().ToArray());                                         // windows of 3 / 2 = 1
    }

    [Fact]
    public void One_mean_with_the_class_token_first_is_over_all_of_them()
    {
        using var scope = NewDisposeScope();
        var features = tensor(new float[] { 10, 1, 2, 3, 4 }).view(1, 5, 1);
        Assert.Equal([4], FeatureGrid.PoolWithClass(features, 1, classFirst: true).data<float>().ToArray());
        Assert.Equal([2.5f, 10], FeatureGrid.PoolWithClass(features, 1, classFirst: false).data<float>().ToArray());
    }

    [Fact]
    public void Quarters_lie_beside_the_whole_as_in_the_picture()
    {
        using var scope = NewDisposeScope();
        var quarters = Enumerable.Range(0, 4).Select(q => full([1, 16, 1], 10f * q).add(arange(16, dtype: ScalarType.Float32).view(1, 16, 1))).ToArray();
        var fused = FeatureGrid.BesideQuarters(zeros([1, 16, 1]), quarters);   // [1,16,2]
        Assert.Equal([1, 16, 2], fused.shape);
        Assert.All(fused.select(2, 0).contiguous().data<float>().ToArray(), static whole => Assert.Equal(0, whole));

        // A quarter's 4 x 4 patches become 2 x 2 means: 2.5, 4.5, 10.5, 12.5.
        float[] expected = [2.5f, 4.5f, 12.5f, 14.5f, 10.5f, 12.5f, 20.5f, 22.5f, 22.5f, 24.5f, 32.5f, 34.5f, 30.5f, 32.5f, 40.5f, 42.5f];
        Tolerance.AssertClose(expected, fused.select(2, 1).contiguous().data<float>().ToArray(), "quarters");
    }

    [Fact]
    public void An_odd_last_column_and_row_belong_to_no_quarter()
    {
        var rgb = Enumerable.Range(0, 5 * 3).SelectMany(static i => new byte[] { (byte)i, 0, 0 }).ToArray();   // 5 wide, 3 high
        var quarters = Quarters.Of(new RgbImage(5, 3, rgb));
        Assert.All(quarters, static quarter => Assert.Equal((2, 1), (quarter.Width, quarter.Height)));
        Assert.Equal(["0 1", "2 3", "5 6", "7 8"], quarters.Select(static quarter => $"{quarter.Rgb.Span[0]} {quarter.Rgb.Span[3]}"));
    }

    [Fact]
    public void A_picture_of_one_pixel_is_all_four_quarters()
    {
        var quarters = Quarters.Of(new RgbImage(1, 1, new byte[] { 1, 2, 3 }));
        Assert.All(quarters, static quarter => Assert.Equal([1, 2, 3], quarter.Rgb.ToArray()));
    }
}
