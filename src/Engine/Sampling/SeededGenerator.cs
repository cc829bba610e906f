namespace RwkvSk.Engine.Sampling;

/// <summary>
/// SplitMix64: equal seeds give equal numbers on every platform and every version of the runtime, which System.Random does not promise.
/// Nothing secret may depend on it.
/// </summary>
internal struct SeededGenerator(long seed)
{
    private ulong _state = (ulong)seed;

    /// <summary>A number from 0 (included) to 1 (excluded), of 53 random bits.</summary>
    public double NextDouble()
    {
        // Constants: Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014.
        var z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return ((z ^ (z >> 31)) >> 11) * (1.0 / (1L << 53));
    }
}
