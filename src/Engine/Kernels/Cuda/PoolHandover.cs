namespace RwkvSk.Engine.Kernels.Cuda;

/// <summary>
/// Who works on the pool. libtorch computes on the default stream and the decoder on one of its own, and neither stream waits for the other; so whoever takes the pool over
/// lets the other finish first. Handing libtorch our stream instead would spare that, but only for the thread that does it, and not for the memory that libtorch frees.
/// A prompt's chunk takes milliseconds and waiting for a GPU that has nothing to do microseconds.
/// </summary>
/// <param name="waitForTorch">Returns when libtorch's work is done.</param>
/// <param name="waitForStream">Returns when our stream's is.</param>
internal sealed class PoolHandover(Action waitForTorch, Action waitForStream)
{
    private bool _isTorchs = true;

    /// <summary>Before libtorch computes.</summary>
    public void ToTorch()
    {
        if (!_isTorchs)
        {
            waitForStream();
            _isTorchs = true;
        }
    }

    /// <summary>Before anything is put on our stream.</summary>
    public void ToStream()
    {
        if (_isTorchs)
        {
            waitForTorch();
            _isTorchs = false;
        }
    }
}
