namespace RwkvSk.Engine.Kernels.Cpu;

/// <summary>One number: where there are no vectors, and lengths that no vector divides.</summary>
internal readonly unsafe struct Lanes1(float value) : ILanes<Lanes1>
{
    private readonly float _value = value;

    /// <inheritdoc/>
    public static int Count => 1;

    /// <inheritdoc/>
    public static Lanes1 Load(float* from) => new(*from);

    /// <inheritdoc/>
    public static Lanes1 Broadcast(float value) => new(value);

    /// <inheritdoc/>
    public static Lanes1 MultiplyAdd(Lanes1 a, Lanes1 b, Lanes1 c) => new(MathF.FusedMultiplyAdd(a._value, b._value, c._value));

    /// <inheritdoc/>
    public static Lanes1 Exp(Lanes1 x) => new(MathF.Exp(x._value));

    /// <inheritdoc/>
    public static Lanes1 Max(Lanes1 a, Lanes1 b) => new(MathF.Max(a._value, b._value));

    /// <inheritdoc/>
    public static float Sum(Lanes1 x) => x._value;

    /// <inheritdoc/>
    public static Lanes1 FirstOfBFloat16(byte* pairs) => new(BitConverter.UInt32BitsToSingle(*(uint*)pairs << 16));

    /// <inheritdoc/>
    public static Lanes1 SecondOfBFloat16(byte* pairs) => new(BitConverter.UInt32BitsToSingle(*(uint*)pairs & 0xFFFF0000u));

    /// <inheritdoc/>
    public static Lanes1 FirstOfFloat16(byte* pairs) => Widen(*(int*)pairs << 16);

    /// <inheritdoc/>
    public static Lanes1 SecondOfFloat16(byte* pairs) => Widen(*(int*)pairs);

    /// <inheritdoc/>
    public static Lanes1 LoadWords(byte* from) => new(BitConverter.Int32BitsToSingle(*(int*)from));

    /// <inheritdoc/>
    public static Lanes1 FromWords(Lanes1 words) => new((float)BitConverter.SingleToInt32Bits(words._value));

    /// <inheritdoc/>
    public static Lanes1 ShiftWords(Lanes1 words, int bits) => new(BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits(words._value) << bits));

    public static Lanes1 operator +(Lanes1 a, Lanes1 b) => new(a._value + b._value);

    public static Lanes1 operator -(Lanes1 a, Lanes1 b) => new(a._value - b._value);

    public static Lanes1 operator *(Lanes1 a, Lanes1 b) => new(a._value * b._value);

    public static Lanes1 operator /(Lanes1 a, Lanes1 b) => new(a._value / b._value);

    /// <inheritdoc/>
    public void Store(float* to) => *to = _value;

    private static Lanes1 Widen(int upper) => new(BitConverter.Int32BitsToSingle((upper >> 3) & Half16.Mask) * Half16.Scale);
}

/// <summary>How an fp16 number in the upper half of 32 bits becomes fp32.</summary>
internal static class Half16
{
    /// <summary>Sign, exponent and mantissa after an arithmetic shift by 3.</summary>
    public const int Mask = unchecked((int)0x8FFFE000);

    /// <summary>2^(127 - 15): the difference of the biases.</summary>
    public const float Scale = 5.192296858534828e33f;
}
