using System.Runtime.Intrinsics;

namespace RwkvSk.Engine.Kernels.Cpu;

/// <summary>4 numbers: SSE or NEON.</summary>
internal readonly unsafe struct Lanes128(Vector128<float> value) : ILanes<Lanes128>
{
    private readonly Vector128<float> _value = value;

    /// <inheritdoc/>
    public static int Count => 4;

    /// <inheritdoc/>
    public static Lanes128 Load(float* from) => new(Vector128.Load(from));

    /// <inheritdoc/>
    public static Lanes128 Broadcast(float value) => new(Vector128.Create(value));

    /// <inheritdoc/>
    public static Lanes128 MultiplyAdd(Lanes128 a, Lanes128 b, Lanes128 c) => new(Vector128.FusedMultiplyAdd(a._value, b._value, c._value));

    /// <inheritdoc/>
    public static Lanes128 Exp(Lanes128 x) => new(Vector128.Exp(x._value));

    /// <inheritdoc/>
    public static Lanes128 Max(Lanes128 a, Lanes128 b) => new(Vector128.Max(a._value, b._value));

    /// <inheritdoc/>
    public static float Sum(Lanes128 x) => Vector128.Sum(x._value);

    /// <inheritdoc/>
    public static Lanes128 FirstOfBFloat16(byte* pairs) => new((Vector128.Load((uint*)pairs) << 16).AsSingle());

    /// <inheritdoc/>
    public static Lanes128 SecondOfBFloat16(byte* pairs) => new((Vector128.Load((uint*)pairs) & Vector128.Create(0xFFFF0000u)).AsSingle());

    /// <inheritdoc/>
    public static Lanes128 FirstOfFloat16(byte* pairs) => Widen(Vector128.Load((int*)pairs) << 16);

    /// <inheritdoc/>
    public static Lanes128 SecondOfFloat16(byte* pairs) => Widen(Vector128.Load((int*)pairs));

    /// <inheritdoc/>
    public static Lanes128 LoadWords(byte* from) => new(Vector128.Load((int*)from).AsSingle());

    /// <inheritdoc/>
    public static Lanes128 FromWords(Lanes128 words) => new(Vector128.ConvertToSingle(words._value.AsInt32()));

    /// <inheritdoc/>
    public static Lanes128 ShiftWords(Lanes128 words, int bits) => new((words._value.AsInt32() << bits).AsSingle());

    public static Lanes128 operator +(Lanes128 a, Lanes128 b) => new(a._value + b._value);

    public static Lanes128 operator -(Lanes128 a, Lanes128 b) => new(a._value - b._value);

    public static Lanes128 operator *(Lanes128 a, Lanes128 b) => new(a._value * b._value);

    public static Lanes128 operator /(Lanes128 a, Lanes128 b) => new(a._value / b._value);

    /// <inheritdoc/>
    public void Store(float* to) => _value.Store(to);

    // fp16 in the upper half: exponent and mantissa move to fp32's places, then the difference of the two biases is multiplied in (subnormals come out right).
    private static Lanes128 Widen(Vector128<int> upper) =>
        new(((upper >> 3) & Vector128.Create(Half16.Mask)).AsSingle() * Vector128.Create(Half16.Scale));
}
