namespace RwkvSk.Engine.Kernels.Cpu;

/// <summary>Several vectors of one length, each on cache lines of its own: one per position of a step.</summary>
/// <param name="Data">The first.</param>
/// <param name="Stride">Numbers from one to the next.</param>
internal readonly unsafe record struct Vectors(nint Data, int Stride)
{
    private const int LineFloats = 16;

    /// <summary>Zeroed vectors of <paramref name="length"/> numbers.</summary>
    public static Vectors Take(NativeArena arena, int count, int length)
    {
        var stride = (length + LineFloats - 1) / LineFloats * LineFloats;
        return new Vectors((nint)arena.Floats((long)count * stride), stride);
    }

    /// <summary>The same vectors without their first numbers.</summary>
    public Vectors From(int first) => this with { Data = Data + (first * sizeof(float)) };

    /// <summary>One of them.</summary>
    public float* this[int index] => (float*)Data + ((long)index * Stride);
}
