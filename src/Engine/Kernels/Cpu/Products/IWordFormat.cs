namespace RwkvSk.Engine.Kernels.Cpu;

/// <summary>How many weights share 32 bits, and how many a scale.</summary>
internal interface IWordFormat
{
    /// <summary>Bits of one weight.</summary>
    static abstract int Bits { get; }

    /// <summary>Columns that share a scale: an even number of words.</summary>
    static abstract int ScaleColumns { get; }

    /// <summary>What the largest weight of a scale becomes, in steps.</summary>
    static abstract float Largest { get; }
}

/// <summary>int8: 4 weights in a word.</summary>
internal readonly struct Int8Words : IWordFormat
{
    public static int Bits => 8;

    public static int ScaleColumns => 128;

    public static float Largest => 127;
}

/// <summary>4-bit: 8 weights in a word.</summary>
internal readonly struct Int4Words : IWordFormat
{
    public static int Bits => 4;

    public static int ScaleColumns => 64;

    public static float Largest => 7.5f;
}
