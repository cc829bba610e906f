using System.Runtime.Intrinsics;

namespace RwkvSk.Engine.Kernels.Cpu;

/// <summary>16 numbers: AVX-512.</summary>
internal readonly unsafe struct Lanes512(Vector512<float> value) : ILanes<Lanes512>
{
    private readonly Vector512<float> _value = value;

    /// <inheritdoc/>
    public static int Count => 16;

    /// <inheritdoc/>
    public static Lanes512 Load(float* from) => new(Vector512.Load(from));

    /// <inheritdoc/>
    public static Lanes512 Broadcast(float value) => new(Vector512.Create(value));

    /// <inheritdoc/>
    public static Lanes512 MultiplyAdd(Lanes512 a, Lanes512 b, Lanes512 c) => new(Vector512.FusedMultiplyAdd(a._value, b._value, c._value));

    /// <inheritdoc/>
    public static Lanes512 Exp(Lanes512 x) => new(Vector512.Exp(x._value));

    /// <inheritdoc/>
    public static Lanes512 Max(Lanes512 a, Lanes512 b) => new(Vector512.Max(a._value, b._value));

    /// <inheritdoc/>
    public static float Sum(Lanes512 x) => Vector512.Sum(x._value);

    /// <inheritdoc/>
    public static Lanes512 FirstOfBFloat16(byte* pairs) => new((Vector512.Load((uint*)pairs) << 16).AsSingle());

    /// <inheritdoc/>
    public static Lanes512 SecondOfBFloat16(byte* pairs) => new((Vector512.Load((uint*)pairs) & Vector512.Create(0xFFFF0000u)).AsSingle());

    /// <inheritdoc/>
    public static Lanes512 FirstOfFloat16(byte* pairs) => Widen(Vector512.Load((int*)pairs) << 16);

    /// <inheritdoc/>
    public static Lanes512 SecondOfFloat16(byte* pairs) => Widen(Vector512.Load((int*)pairs));

    /// <inheritdoc/>
    public static Lanes512 LoadWords(byte* from) => new(Vector512.Load((int*)from).AsSingle());

    /// <inheritdoc/>
    public static Lanes512 FromWords(Lanes512 words) => new(Vector512.ConvertToSingle(words._value.AsInt32()));

    /// <inheritdoc/>
    public static Lanes512 ShiftWords(Lanes512 words, int bits) => new((words._value.AsInt32() << bits).AsSingle());

    public static Lanes512 operator +(Lanes512 a, Lanes512 b) => new(a._value + b._value);

    public static Lanes512 operator -(Lanes512 a, Lanes512 b) => new(a._value - b._value);

    public static Lanes512 operator *(Lanes512 a, Lanes512 b) => new(a._value * b._value);

    public static Lanes512 operator /(Lanes512 a, Lanes512 b) => new(a._value / b._value);

    /// <inheritdoc/>
    public void Store(float* to) => _value.Store(to);

    // fp16 in the upper half: exponent and mantissa move to fp32's places, then the difference of the two biases is multiplied in (subnormals come out right).
    private static Lanes512 Widen(Vector512<int> upper) =>
        new(((upper >> 3) & Vector512.Create(Half16.Mask)).AsSingle() * Vector512.Create(Half16.Scale));
}
