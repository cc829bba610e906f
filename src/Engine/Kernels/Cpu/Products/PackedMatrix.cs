namespace RwkvSk.Engine.Kernels.Cpu;

/// <summary>
/// A weight matrix [rows, columns] laid out for y = W x: blocks of as many rows as two vectors have lanes, each block one sequential stream. Within a block, columns go in
/// pairs; a pair holds, vector by vector, the weights of that vector's rows. A lane is a row, so nothing crosses lanes, and one number of x meets a whole
/// vector of weights. Rows and columns are filled up with zeros.
/// </summary>
internal sealed unsafe class PackedMatrix
{
    /// <summary>Reserves the memory; <see cref="MatrixPacker"/> fills it.</summary>
    public PackedMatrix(int rows, int columns, WeightFormat format, SimdLevel level, NativeArena arena)
    {
        (Rows, Columns, Product) = (rows, columns, BlockProduct.For(format, level));
        BlockCount = (rows + Product.BlockRows - 1) / Product.BlockRows;
        BlockBytes = Product.BlockBytes(columns);
        Data = arena.Take(BlockCount * BlockBytes);
    }

    /// <summary>Length of y.</summary>
    public int Rows { get; }

    /// <summary>Length of x.</summary>
    public int Columns { get; }

    /// <summary>The kernel that reads this layout.</summary>
    public BlockProduct Product { get; }

    /// <summary>Blocks of <see cref="BlockProduct.BlockRows"/> rows.</summary>
    public int BlockCount { get; }

    /// <summary>Bytes of one block.</summary>
    public long BlockBytes { get; }

    /// <summary>The first block.</summary>
    public byte* Data { get; }

    /// <summary>Rows of a block that are not filling.</summary>
    public int RowsOf(int block) => Math.Min(Product.BlockRows, Rows - (block * Product.BlockRows));

    /// <summary>y = W x for one block of rows and several x.</summary>
    /// <param name="block">Which.</param>
    /// <param name="x">The vectors. Numbers past their end, up to a multiple of 8, must be finite.</param>
    /// <param name="count">How many vectors.</param>
    /// <param name="y">Receives BlockRows numbers per vector.</param>
    /// <param name="yStride">Numbers from one vector's to the next's.</param>
    public void Multiply(int block, Vectors x, int count, float* y, int yStride) => Product.Multiply(Data + (block * BlockBytes), Columns, x, count, y, yStride);

    /// <summary>The same for one x that is zero in many places.</summary>
    public void MultiplyFilled(int block, float* x, FilledUnits filled, float* y) => Product.MultiplyFilled(Data + (block * BlockBytes), x, filled, y);
}
