namespace RwkvSk.Engine.Sampling;

/// <summary>
/// SplitMix64: equal seeds give equal numbers on every platform and every version of the runtime, which System.Random does not promise. A number can be had without those
/// before it. Nothing secret may depend on it.
/// </summary>
internal struct SeededGenerator(long seed)
{
    /// <summary>What the numbers follow from.</summary>
    public readonly ulong Seed => (ulong)seed;

    /// <summary>How many numbers are used up; may be set by whoever used some elsewhere.</summary>
    public ulong Drawn { get; set; }

    /// <summary>A number from 0 (included) to 1 (excluded), of 53 random bits.</summary>
    public double NextDouble()
    {
        // Constants: Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014.
        var z = Seed + (++Drawn * 0x9E3779B97F4A7C15);
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return ((z ^ (z >> 31)) >> 11) * (1.0 / (1L << 53));
    }
}
