using RwkvSk.Engine.Kernels.Cpu;

namespace RwkvSk.Engine.States;

/// <summary>
/// The numbers of snapshots to come. New memory is dear where the system has to find it page by page (a state of 2.4 MB has 600 of them), so that of a snapshot which nobody can
/// hold any more is written again. Not safe from several threads: the engine's loop owns it.
/// </summary>
/// <param name="length">Numbers in one state.</param>
internal sealed class StateBuffers(int length)
{
    // A full cache drops one state for each that it takes in.
    private const int MostSpare = 2;

    private readonly Stack<float[]> _spare = [];

    /// <summary>Numbers of any value. [length]</summary>
    public float[] Take()
    {
        if (_spare.TryPop(out var spare))
        {
            return spare;
        }

        var fresh = GC.AllocateUninitializedArray<float>(length);
        FreshPages.Populate(fresh);
        return fresh;
    }

    /// <summary>Takes back numbers that nobody reads any more.</summary>
    public void GiveBack(float[] numbers)
    {
        if (_spare.Count < MostSpare)
        {
            _spare.Push(numbers);
        }
    }
}
