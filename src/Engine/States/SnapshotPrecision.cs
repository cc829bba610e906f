namespace RwkvSk.Engine.States;

/// <summary>The number format of states outside the engine's memory.</summary>
public enum SnapshotPrecision
{
    /// <summary>32-bit floats: what comes back is equal bit for bit.</summary>
    Float32,

    /// <summary>
    /// 16-bit floats: half the bytes, and logits that differ a little after a state came back. A state with a number that does not fit (RWKV-4 has such)
    /// is written in 32 bits all the same.
    /// </summary>
    Float16,
}
