using System.Runtime.Intrinsics;

namespace RwkvSk.Engine.Kernels.Cpu;

/// <summary>8 numbers: AVX2.</summary>
internal readonly unsafe struct Lanes256(Vector256<float> value) : ILanes<Lanes256>
{
    private readonly Vector256<float> _value = value;

    /// <inheritdoc/>
    public static int Count => 8;

    /// <inheritdoc/>
    public static Lanes256 Load(float* from) => new(Vector256.Load(from));

    /// <inheritdoc/>
    public static Lanes256 Broadcast(float value) => new(Vector256.Create(value));

    /// <inheritdoc/>
    public static Lanes256 MultiplyAdd(Lanes256 a, Lanes256 b, Lanes256 c) => new(Vector256.FusedMultiplyAdd(a._value, b._value, c._value));

    /// <inheritdoc/>
    public static Lanes256 Exp(Lanes256 x) => new(Vector256.Exp(x._value));

    /// <inheritdoc/>
    public static Lanes256 Max(Lanes256 a, Lanes256 b) => new(Vector256.Max(a._value, b._value));

    /// <inheritdoc/>
    public static float Sum(Lanes256 x) => Vector256.Sum(x._value);

    /// <inheritdoc/>
    public static Lanes256 FirstOfBFloat16(byte* pairs) => new((Vector256.Load((uint*)pairs) << 16).AsSingle());

    /// <inheritdoc/>
    public static Lanes256 SecondOfBFloat16(byte* pairs) => new((Vector256.Load((uint*)pairs) & Vector256.Create(0xFFFF0000u)).AsSingle());

    /// <inheritdoc/>
    public static Lanes256 FirstOfFloat16(byte* pairs) => Widen(Vector256.Load((int*)pairs) << 16);

    /// <inheritdoc/>
    public static Lanes256 SecondOfFloat16(byte* pairs) => Widen(Vector256.Load((int*)pairs));

    /// <inheritdoc/>
    public static Lanes256 LoadWords(byte* from) => new(Vector256.Load((int*)from).AsSingle());

    /// <inheritdoc/>
    public static Lanes256 FromWords(Lanes256 words) => new(Vector256.ConvertToSingle(words._value.AsInt32()));

    /// <inheritdoc/>
    public static Lanes256 ShiftWords(Lanes256 words, int bits) => new((words._value.AsInt32() << bits).AsSingle());

    public static Lanes256 operator +(Lanes256 a, Lanes256 b) => new(a._value + b._value);

    public static Lanes256 operator -(Lanes256 a, Lanes256 b) => new(a._value - b._value);

    public static Lanes256 operator *(Lanes256 a, Lanes256 b) => new(a._value * b._value);

    public static Lanes256 operator /(Lanes256 a, Lanes256 b) => new(a._value / b._value);

    /// <inheritdoc/>
    public void Store(float* to) => _value.Store(to);

    // fp16 in the upper half: exponent and mantissa move to fp32's places, then the difference of the two biases is multiplied in (subnormals come out right).
    private static Lanes256 Widen(Vector256<int> upper) =>
        new(((upper >> 3) & Vector256.Create(Half16.Mask)).AsSingle() * Vector256.Create(Half16.Scale));
}
