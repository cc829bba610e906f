using RwkvSk.Engine.Vision;
using RwkvSk.Trainer.Data;
using static TorchSharp.torch;

namespace RwkvSk.Trainer.Training;

/// <summary>Some rows of training data as tensors. Shorter rows are filled up at the end, where nothing reads them.</summary>
internal sealed class MicroBatch
{
    private static readonly PixelStatistics Statistics = PixelStatistics.Half;

    private MicroBatch(Tensor? pixels, Tensor? labels, Tensor? gather, Tensor? asked, Tensor? targets, long[] rowOfTarget) =>
        (Pixels, Labels, Gather, Asked, Targets, RowOfTarget) = (pixels, labels, gather, asked, targets, rowOfTarget);

    /// <summary>[I,3,S,S]</summary>
    public Tensor? Pixels { get; }

    /// <summary>Shape, colour and size of every cell, 0 for nothing. [I*9,3]</summary>
    public Tensor? Labels { get; }

    /// <summary>[B,T], see <see cref="GoslingNetwork.Logits"/>.</summary>
    public Tensor? Gather { get; }

    /// <summary>Flat positions whose next token is to be predicted. [M]</summary>
    public Tensor? Asked { get; }

    /// <summary>Those next tokens. [M]</summary>
    public Tensor? Targets { get; }

    /// <summary>Which row each of them belongs to.</summary>
    public IReadOnlyList<long> RowOfTarget { get; }

    /// <summary>Rows for the language model.</summary>
    public static MicroBatch Rows(GoslingShape shape, IReadOnlyList<TrainingExample> rows)
    {
        var length = rows.Max(static row => row.Tokens.Length);
        var gather = new long[rows.Count, length];
        List<long> asked = [], targets = [], owners = [];
        var image = 0L;
        for (var b = 0; b < rows.Count; b++)
        {
            var (tokens, isTarget) = (rows[b].Tokens, rows[b].IsTarget);
            for (var t = 0; t < tokens.Length; t++)
            {
                gather[b, t] = tokens[t] == ConversationEncoder.ImagePosition ? shape.VocabularySize + image++ : tokens[t];
                if (t > 0 && isTarget[t])
                {
                    asked.Add(((long)b * length) + t - 1);
                    targets.Add(tokens[t]);
                    owners.Add(b);
                }
            }
        }

        var (pixels, labels) = Pictures(shape, [.. rows.SelectMany(static row => row.Pictures)]);
        return new(pixels, labels, tensor(gather), tensor(asked.ToArray()), tensor(targets.ToArray()), [.. owners]);
    }

    /// <summary>Pictures alone, for the tower.</summary>
    public static MicroBatch PicturesOnly(GoslingShape shape, IReadOnlyList<Picture> pictures)
    {
        var (pixels, labels) = Pictures(shape, pictures);
        return new(pixels, labels, null, null, null, []);
    }

    private static (Tensor? Pixels, Tensor? Labels) Pictures(GoslingShape shape, IReadOnlyList<Picture> pictures)
    {
        if (pictures.Count == 0)
        {
            return (null, null);
        }

        var preprocessor = new ImagePreprocessor(shape.ImageSize, ImageFraming.Stretch, ResizeFilter.Bicubic, Statistics);
        var one = 3 * shape.ImageSize * shape.ImageSize;
        var pixels = new float[pictures.Count * one];
        var labels = new long[pictures.Count * 9, 3];
        for (var i = 0; i < pictures.Count; i++)
        {
            preprocessor.Apply(pictures[i].Image).CopyTo(pixels, i * one);
            foreach (var item in pictures[i].Scene.Objects)
            {
                var row = (i * 9) + item.Cell;
                (labels[row, 0], labels[row, 1], labels[row, 2]) = (1 + (int)item.Shape, 1 + (int)item.Colour, 1 + (int)item.Size);
            }
        }

        return (tensor(pixels).view(pictures.Count, 3, shape.ImageSize, shape.ImageSize), tensor(labels));
    }
}
