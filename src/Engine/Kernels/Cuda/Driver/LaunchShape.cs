namespace RwkvSk.Engine.Kernels.Cuda.Driver;

/// <summary>How many blocks of how many threads run a kernel.</summary>
/// <param name="GridX">Blocks along x.</param>
/// <param name="GridY">Blocks along y.</param>
/// <param name="GridZ">Blocks along z.</param>
/// <param name="BlockX">Threads of a block along x.</param>
/// <param name="BlockY">Threads of a block along y.</param>
/// <param name="BlockZ">Threads of a block along z.</param>
/// <param name="SharedBytes">Dynamic shared memory of a block.</param>
internal readonly record struct LaunchShape(uint GridX, uint GridY, uint GridZ, uint BlockX, uint BlockY, uint BlockZ, uint SharedBytes)
{
    /// <summary>A grid of blocks that are rows of threads.</summary>
    public static LaunchShape Of(int gridX, int blockX, int gridY = 1, int sharedBytes = 0) =>
        new(checked((uint)gridX), checked((uint)gridY), 1, checked((uint)blockX), 1, 1, checked((uint)sharedBytes));
}
