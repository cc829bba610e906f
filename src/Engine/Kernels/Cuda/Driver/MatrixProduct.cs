namespace RwkvSk.Engine.Kernels.Cuda.Driver;

/// <summary>Number formats as cuBLAS counts them (cudaDataType_t).</summary>
internal enum CublasType
{
    Float32 = 0,
    Float16 = 2,
    BFloat16 = 14,
}

/// <summary>
/// C = A B, or C = C + A B. Columns are contiguous, as cuBLAS has it: so A is a matrix whose rows are, turned. A and B are of one format, sums and C are fp32.
/// </summary>
/// <param name="Type">The format of A and B.</param>
/// <param name="TurnsA">Whether A lies as [K,M] with contiguous columns and is turned.</param>
/// <param name="Rows">M.</param>
/// <param name="Columns">N.</param>
/// <param name="Inner">K.</param>
/// <param name="A">[M,K], on the device.</param>
/// <param name="StrideA">Numbers from one of its columns, as it lies, to the next.</param>
/// <param name="B">[K,N].</param>
/// <param name="StrideB">Numbers from a column to the next.</param>
/// <param name="C">[M,N] fp32.</param>
/// <param name="StrideC">Numbers from a column to the next.</param>
/// <param name="Adds">Whether C is added to.</param>
internal readonly record struct MatrixProduct(
    CublasType Type, bool TurnsA, int Rows, int Columns, int Inner, nint A, int StrideA, nint B, int StrideB, nint C, int StrideC, bool Adds)
{
    /// <inheritdoc/>
    public override string ToString() => $"[{Rows},{Inner}] x [{Inner},{Columns}] in {Type}";
}
