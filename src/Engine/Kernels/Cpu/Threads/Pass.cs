namespace RwkvSk.Engine.Kernels.Cpu;

/// <summary>
/// One stretch of work without an order in it, cut into blocks that any thread may take. A block is computed into scratch memory first and then committed; a thread that was held up
/// finds its block done by another and never commits.
/// </summary>
internal abstract unsafe class Pass
{
    /// <summary>Blocks.</summary>
    public abstract int BlockCount { get; }

    /// <summary>Floats of scratch memory that a block needs.</summary>
    public abstract int ScratchFloats { get; }

    /// <summary>
    /// Whether <see cref="Compute"/> writes scratch memory alone, so that a second thread may compute the same block at the same time. A pass that advances states in place is not.
    /// </summary>
    public abstract bool IsRepeatable { get; }

    /// <summary>Computes a block.</summary>
    public abstract void Compute(int block, float* scratch);

    /// <summary>Puts a computed block in its place. Called once per block.</summary>
    public abstract void Commit(int block, float* scratch);
}
