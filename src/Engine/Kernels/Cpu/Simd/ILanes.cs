namespace RwkvSk.Engine.Kernels.Cpu;

/// <summary>
/// A vector of fp32 numbers of some width. Kernels are written once over it; the compiler makes one version per width. Every operation but
/// <see cref="Sum"/> and <see cref="Exp"/> treats a lane alike at every width, multiply-add rounds once at every width: a sum that stays in its lane has the same
/// bits on every machine with fused multiply-add.
/// </summary>
internal unsafe interface ILanes<T>
    where T : struct, ILanes<T>
{
    /// <summary>Numbers in a vector.</summary>
    static abstract int Count { get; }

    /// <summary>Reads <see cref="Count"/> numbers; any alignment.</summary>
    static abstract T Load(float* from);

    /// <summary>The same number in every lane.</summary>
    static abstract T Broadcast(float value);

    /// <summary>a * b + c.</summary>
    static abstract T MultiplyAdd(T a, T b, T c);

    /// <summary>e^x, within 2 units in the last place.</summary>
    static abstract T Exp(T x);

    /// <summary>The larger, lane by lane.</summary>
    static abstract T Max(T a, T b);

    /// <summary>All lanes added up.</summary>
    static abstract float Sum(T x);

    /// <summary>The first of each of <see cref="Count"/> pairs of bf16 numbers.</summary>
    static abstract T FirstOfBFloat16(byte* pairs);

    /// <summary>The second of each pair.</summary>
    static abstract T SecondOfBFloat16(byte* pairs);

    /// <summary>The first of each of <see cref="Count"/> pairs of finite fp16 numbers.</summary>
    static abstract T FirstOfFloat16(byte* pairs);

    /// <summary>The second of each pair.</summary>
    static abstract T SecondOfFloat16(byte* pairs);

    /// <summary>Reads <see cref="Count"/> 32-bit words as they are, to be taken apart by <see cref="FromWords"/> and <see cref="ShiftWords"/>.</summary>
    static abstract T LoadWords(byte* from);

    /// <summary>The words as signed integers, converted and rounded to 24 bits.</summary>
    static abstract T FromWords(T words);

    /// <summary>The words, shifted left.</summary>
    static abstract T ShiftWords(T words, int bits);

    static abstract T operator +(T a, T b);

    static abstract T operator -(T a, T b);

    static abstract T operator *(T a, T b);

    static abstract T operator /(T a, T b);

    /// <summary>Writes the numbers; any alignment.</summary>
    void Store(float* to);
}
