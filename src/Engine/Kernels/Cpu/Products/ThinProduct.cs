namespace RwkvSk.Engine.Kernels.Cpu;

/// <summary>The second half of a low-rank pair and what it reads: as many rows as the model is wide, few columns.</summary>
internal readonly unsafe record struct ThinProduct(PackedMatrix Matrix, Vectors X)
{
    /// <summary>Some rows of the product.</summary>
    /// <param name="first">The first row, where a block begins.</param>
    /// <param name="rows">How many; rounded up to whole blocks.</param>
    /// <param name="count">Vectors.</param>
    /// <param name="y">[count, yStride]</param>
    /// <param name="yStride">Room for the rounded rows.</param>
    public void Multiply(int first, int rows, int count, float* y, int yStride)
    {
        var blockRows = Matrix.Product.BlockRows;
        for (var row = 0; row < rows; row += blockRows)
        {
            Matrix.Multiply((first + row) / blockRows, X, count, y + row, yStride);
        }
    }
}
