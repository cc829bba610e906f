namespace RwkvSk.Engine.Weights;

/// <summary>A part of a tensor of the file.</summary>
/// <param name="Source">The tensor's name in the file.</param>
/// <param name="View">Which of its elements, in which order.</param>
internal sealed record TensorPiece(string Source, StridedView View);

/// <summary>How one tensor under its canonical name comes out of the tensors of a file.</summary>
/// <param name="Info">The canonical tensor.</param>
/// <param name="Pieces">Its parts; they follow each other.</param>
/// <param name="Order">The order in which the joined parts are read; null as they are.</param>
/// <param name="Doublings">How often every number is doubled: undoes the halving that some converters apply to fp16 models.</param>
internal sealed record TensorRecipe(WeightInfo Info, IReadOnlyList<TensorPiece> Pieces, StridedView? Order = null, int Doublings = 0)
{
    /// <summary>Whether the tensor lies in the file as it should be.</summary>
    public bool IsInPlace => Pieces.Count == 1 && Pieces[0].View.IsContiguous && Order is null && Doublings == 0;

    /// <summary>The same elements under another name and shape.</summary>
    public static TensorRecipe Same(WeightInfo source, string name, params long[] shape) =>
        new(new WeightInfo(name, source.Type, shape), [new TensorPiece(source.Name, Plain(0, shape))]);

    /// <summary>A run of elements.</summary>
    public static TensorRecipe Slice(WeightInfo source, string name, long offset, params long[] shape) =>
        new(new WeightInfo(name, source.Type, shape), [new TensorPiece(source.Name, Plain(offset, shape))]);

    /// <summary>The last two axes exchanged.</summary>
    public static TensorRecipe Transposed(WeightInfo source, string name)
    {
        var view = Plain(0, [.. source.Shape]);
        var (rows, columns) = (view.Shape.Length - 2, view.Shape.Length - 1);
        (view.Shape[rows], view.Shape[columns]) = (view.Shape[columns], view.Shape[rows]);
        (view.Strides[rows], view.Strides[columns]) = (view.Strides[columns], view.Strides[rows]);
        return new TensorRecipe(new WeightInfo(name, source.Type, view.Shape), [new TensorPiece(source.Name, view)]);
    }

    /// <summary>A row-major view from <paramref name="offset"/> on.</summary>
    public static StridedView Plain(long offset, long[] shape)
    {
        var strides = new long[shape.Length];
        for (var (axis, step) = (shape.Length - 1, 1L); axis >= 0; step *= shape[axis--])
        {
            strides[axis] = step;
        }

        return new StridedView(offset, shape, strides);
    }
}
