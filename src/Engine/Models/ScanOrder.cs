using static TorchSharp.torch;

namespace RwkvSk.Engine.Models;

/// <summary>Where an image's patches lie among the positions of a step: a square grid, row by row. A class token before or after it is not part of it.</summary>
/// <param name="Start">The first patch.</param>
/// <param name="Side">Patches per row and rows; 0 when there are none.</param>
internal readonly record struct ImageSpan(int Start, int Side);

/// <summary>
/// 2D image scanning (arXiv 2406.13362): the order in which a layer reads the positions of a step. Only an image's patches change places; the recurrence
/// itself always runs forwards, so its state at the end is an ordinary one.
/// </summary>
internal sealed class ScanOrder
{
    private readonly Tensor _forth, _back;

    private ScanOrder(long[] order, TorchSharp.torch.Device device)
    {
        var inverse = new long[order.Length];
        for (var i = 0; i < order.Length; i++)
        {
            inverse[order[i]] = i;
        }

        (_forth, _back) = (tensor(order, device: device), tensor(inverse, device: device));
    }

    /// <summary>
    /// The orders of four layers that follow each other, after which they repeat; null for a layer that reads as the positions stand. Bidirectional: odd layers
    /// read the patches backwards. Multidirectional: rows, rows backwards, columns, columns backwards.
    /// </summary>
    /// <param name="scan">Which of the paper's scans.</param>
    /// <param name="span">The patches.</param>
    /// <param name="length">Positions in the step.</param>
    /// <param name="device">Where the step is computed.</param>
    public static IReadOnlyList<ScanOrder?> Of(ImageScan scan, ImageSpan span, long length, TorchSharp.torch.Device device)
    {
        return scan switch
        {
            ImageScan.Unidirectional => [null, null, null, null],
            ImageScan.Bidirectional => [null, Order(false, true), null, Order(false, true)],
            ImageScan.Multidirectional => [null, Order(false, true), Order(true, false), Order(true, true)],
            _ => throw new ArgumentOutOfRangeException(nameof(scan), scan, "unhandled image scan"),
        };

        ScanOrder Order(bool byColumns, bool backwards)
        {
            var order = new long[length];
            for (var i = 0; i < length; i++)
            {
                order[i] = i;
            }

            var count = span.Side * span.Side;
            for (var i = 0; i < count; i++)
            {
                var at = backwards ? count - 1 - i : i;
                order[span.Start + i] = span.Start + (byColumns ? ((at % span.Side) * span.Side) + (at / span.Side) : at);
            }

            return new ScanOrder(order, device);
        }
    }

    /// <summary>Into this layer's order. [B,T,C]</summary>
    public Tensor Forth(Tensor x) => x.index_select(1, _forth);

    /// <summary>Back to how the positions stand. [B,T,C]</summary>
    public Tensor Back(Tensor x) => x.index_select(1, _back);
}
