using RwkvSk.Engine.Kernels.Cpu;
using RwkvSk.Engine.Kernels.Cuda;
using RwkvSk.Engine.Kernels.Cuda.Driver;
using RwkvSk.Engine.Kernels.Cuda.Mixers;
using RwkvSk.Engine.Kernels.Cuda.Weights;
using RwkvSk.Engine.Weights;
using RwkvSk.TestKit.Cuda;
using Xunit;

namespace RwkvSk.Engine.Tests.Kernels.Cuda;

/// <summary>A device on the host with the kernels on it, and numbers on the device.</summary>
internal sealed unsafe class KernelBench : IDisposable
{
    private readonly Random _random;

    public KernelBench(int seed = 1, bool isReversed = false)
    {
        Assert.SkipUnless(KernelShim.SkipReason.Length == 0, KernelShim.SkipReason);
        _random = new Random(seed);
        Driver = new HostDriver(KernelShim.Load(isReversed).Launch);
        Context = CudaContext.Open(Driver);
        Arena = new DeviceArena(Context);
        Kernels = new CudaKernels(Context);
    }

    public HostDriver Driver { get; }

    public CudaContext Context { get; }

    public DeviceArena Arena { get; }

    public CudaKernels Kernels { get; }

    /// <summary>Numbers in a range.</summary>
    public float[] Draw(int count, float from = -1, float to = 1) => [.. Enumerable.Range(0, count).Select(_ => from + ((to - from) * _random.NextSingle()))];

    /// <summary>Vectors on the device, filled up with zeros to whole tiles.</summary>
    public (DeviceVectors Vectors, DeviceRange Range) Put(float[] numbers, int length)
    {
        var stride = (length + CudaKernels.TileColumns - 1) / CudaKernels.TileColumns * CudaKernels.TileColumns;
        var count = numbers.Length / length;
        var padded = new float[count * stride];
        for (var i = 0; i < count; i++)
        {
            numbers.AsSpan(i * length, length).CopyTo(padded.AsSpan(i * stride));
        }

        var range = Put(padded);
        return (new DeviceVectors(range.Pointer, stride), range);
    }

    /// <summary>Numbers on the device.</summary>
    public DeviceRange Put<T>(T[] numbers)
        where T : unmanaged
    {
        var range = Arena.Take((long)numbers.Length * sizeof(T));
        range.Write<T>(numbers);
        return range;
    }

    /// <summary>Numbers from the device.</summary>
    public float[] Get(DeviceRange range, int count)
    {
        var numbers = new float[count];
        range.Buffer.Read<float>(numbers, range.Offset);
        Assert.Empty(Driver.Damage);
        return numbers;
    }

    /// <summary>Vectors from the device, without what fills them up.</summary>
    public float[] Get((DeviceVectors Vectors, DeviceRange Range) vectors, int length, int count)
    {
        var padded = Get(vectors.Range, count * vectors.Vectors.Stride);
        return [.. Enumerable.Range(0, count).SelectMany(i => padded.AsSpan(i * vectors.Vectors.Stride, length).ToArray())];
    }

    /// <summary>Weights as a format keeps them, without scales: what the products are to be compared with.</summary>
    public static float[] Rounded(float[] weights, WeightFormat format)
    {
        var type = format switch { WeightFormat.BFloat16 => WeightType.BFloat16, WeightFormat.Float16 => WeightType.Float16, _ => WeightType.Float32 };
        var (bytes, rounded) = (new byte[weights.Length * type.ItemSize()], new float[weights.Length]);
        WeightFileExtensions.FromFloats(type, weights, bytes);
        WeightFileExtensions.ToFloats(type, bytes, rounded);
        return rounded;
    }

    public void Dispose()
    {
        Context.Dispose();
        Assert.Empty(Driver.Damage);
        Assert.Equal(0, Driver.LiveHandles);
    }
}
