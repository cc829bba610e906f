namespace RwkvSk.Engine.Kernels.Cpu;

/// <summary>How one vector's weights of two neighbouring columns lie in memory.</summary>
internal unsafe interface IPairFormat
{
    /// <summary>Bytes of one weight.</summary>
    static abstract int ItemBytes { get; }

    /// <summary>The weights of the pair's first column, a lane per row.</summary>
    static abstract TLanes First<TLanes>(byte* pair)
        where TLanes : struct, ILanes<TLanes>;

    /// <summary>The weights of the second column.</summary>
    static abstract TLanes Second<TLanes>(byte* pair)
        where TLanes : struct, ILanes<TLanes>;

    /// <summary>Writes one lane's two weights.</summary>
    static abstract void Put(byte* pair, int lane, int lanes, float first, float second);
}

/// <summary>fp32: the first column's vector, then the second's.</summary>
internal readonly unsafe struct Float32Pairs : IPairFormat
{
    public static int ItemBytes => sizeof(float);

    public static TLanes First<TLanes>(byte* pair)
        where TLanes : struct, ILanes<TLanes> => TLanes.Load((float*)pair);

    public static TLanes Second<TLanes>(byte* pair)
        where TLanes : struct, ILanes<TLanes> => TLanes.Load((float*)pair + TLanes.Count);

    public static void Put(byte* pair, int lane, int lanes, float first, float second) =>
        (((float*)pair)[lane], ((float*)pair)[lanes + lane]) = (first, second);
}

/// <summary>bf16: a row's two weights share 32 bits, so that each becomes fp32 by one operation.</summary>
internal readonly unsafe struct BFloat16Pairs : IPairFormat
{
    public static int ItemBytes => sizeof(ushort);

    public static TLanes First<TLanes>(byte* pair)
        where TLanes : struct, ILanes<TLanes> => TLanes.FirstOfBFloat16(pair);

    public static TLanes Second<TLanes>(byte* pair)
        where TLanes : struct, ILanes<TLanes> => TLanes.SecondOfBFloat16(pair);

    public static void Put(byte* pair, int lane, int lanes, float first, float second) =>
        (((ushort*)pair)[2 * lane], ((ushort*)pair)[(2 * lane) + 1]) = (Round(first), Round(second));

    // To nearest, ties to even. Weights are finite.
    private static ushort Round(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);
        return (ushort)((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
    }
}

/// <summary>fp16, in pairs as bf16.</summary>
internal readonly unsafe struct Float16Pairs : IPairFormat
{
    public static int ItemBytes => sizeof(ushort);

    public static TLanes First<TLanes>(byte* pair)
        where TLanes : struct, ILanes<TLanes> => TLanes.FirstOfFloat16(pair);

    public static TLanes Second<TLanes>(byte* pair)
        where TLanes : struct, ILanes<TLanes> => TLanes.SecondOfFloat16(pair);

    public static void Put(byte* pair, int lane, int lanes, float first, float second) =>
        (((Half*)pair)[2 * lane], ((Half*)pair)[(2 * lane) + 1]) = ((Half)first, (Half)second);
}
