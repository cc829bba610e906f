using RwkvSk.Engine.Models;
using RwkvSk.TestKit;
using Xunit;
using static TorchSharp.torch;

namespace RwkvSk.Engine.Tests.Models;

public class ScanOrderTests
{
    private const int Before = 2, Side = 3, Length = 13;   // two positions of text, nine patches, a class token, one more

    public ScanOrderTests() => Assert.SkipWhen(LibTorch.Missing is not null, LibTorch.Missing ?? "");

    [Theory]
    [InlineData(ImageScan.Bidirectional, 1, "0 1 10 9 8 7 6 5 4 3 2 11 12")]
    [InlineData(ImageScan.Bidirectional, 3, "0 1 10 9 8 7 6 5 4 3 2 11 12")]
    [InlineData(ImageScan.Multidirectional, 1, "0 1 10 9 8 7 6 5 4 3 2 11 12")]
    [InlineData(ImageScan.Multidirectional, 2, "0 1 2 5 8 3 6 9 4 7 10 11 12")]
    [InlineData(ImageScan.Multidirectional, 3, "0 1 10 7 4 9 6 3 8 5 2 11 12")]
    public void Only_the_patches_change_places(ImageScan scan, int layer, string expected)
    {
        using var scope = NewDisposeScope();
        var positions = arange(Length, dtype: ScalarType.Int64).view(1, Length, 1);
        var order = ScanOrder.Of(scan, new ImageSpan(Before, Side), Length, CPU)[layer]!;
        Assert.Equal(expected, string.Join(' ', order.Forth(positions).data<long>()));
        Assert.Equal(positions.data<long>().ToArray(), order.Back(order.Forth(positions)).data<long>().ToArray());
    }

    [Theory]
    [InlineData(ImageScan.Unidirectional, 0), InlineData(ImageScan.Unidirectional, 3), InlineData(ImageScan.Bidirectional, 0), InlineData(ImageScan.Bidirectional, 2), InlineData(ImageScan.Multidirectional, 0)]
    public void Some_layers_read_as_the_positions_stand(ImageScan scan, int layer)
    {
        using var scope = NewDisposeScope();
        Assert.Null(ScanOrder.Of(scan, new ImageSpan(Before, Side), Length, CPU)[layer]);
    }

    [Theory]
    [InlineData("rwkv4"), InlineData("rwkv6"), InlineData("rwkv7")]
    public void Text_around_a_picture_may_be_read_in_any_steps_under_every_scan(string version)
    {
        foreach (var scan in Enum.GetValues<ImageScan>())
        {
            using var scope = NewDisposeScope();
            using var model = new LoadedModel(Golden.File(version, "small_fp32.safetensors"), scan: scan);
            var x = model.Embed(Enumerable.Range(1, 20));
            var whole = model.LogitsOfImage(x, model.Empty(), new ImageSpan(5, Side));
            var states = model.Empty();
            float[] parts =
            [
                .. model.LogitsOf(x.narrow(1, 0, 5), states, 2),
                .. model.LogitsOfImage(x.narrow(1, 5, 10), states, new ImageSpan(0, Side)),
                .. model.LogitsOf(x.narrow(1, 15, 5), states, 1),
            ];
            Tolerance.AssertClose(whole, parts, $"{version}, {scan}", Tolerance.SameMath);
        }
    }
}
