using RwkvSk.Engine.Kernels.Cuda;
using RwkvSk.Engine.Kernels.Cuda.Driver;
using RwkvSk.Engine.Models;
using RwkvSk.Engine.Tests.Kernels.Cpu;
using RwkvSk.Engine.Weights;
using RwkvSk.TestKit.Cuda;

namespace RwkvSk.Engine.Tests.Kernels.Cuda;

/// <summary>A checkpoint's GPU decoder over states of its own: kernels run on the host.</summary>
internal sealed unsafe class CudaDecoderOverStates : IDisposable
{
    private readonly IWeightFile _file;
    private readonly CudaContext _context;
    private readonly DeviceBuffer _states;
    private readonly int _slots;

    public CudaDecoderOverStates(
        string path, int slots = 1, WeightPrecision precision = WeightPrecision.Auto, int positions = 16, bool usesGraphs = true, bool isReversed = false, string prefix = "",
        int? many = null)
    {
        _file = WeightFiles.Open(path);
        Config = RwkvConfig.Read(prefix.Length == 0 ? new WeightScope(new ShapeSource(_file)) : new WeightScope(new ShapeSource(_file))[prefix.TrimEnd('.')]);
        Driver = new HostDriver(KernelShim.Load(isReversed).Launch) { MemoryBytes = 4L << 30 };
        Cublas = new HostCublas(Driver);
        _context = CudaContext.Open(Driver);
        _slots = slots + 1;
        _states = _context.Allocate((long)Config.LayerCount * _slots * Config.StateRows * Config.Width * sizeof(float));
        _context.Stream.Fill(_states, 0);
        _context.Stream.Synchronize();
        Decoder = new CudaDecoder(_context, _file, prefix, Config, _states.Pointer, _slots, new CudaDecoderOptions(positions, precision, usesGraphs)
        {
            Cublas = many is null ? null : Cublas, ManyPositions = many ?? CudaDecoder.ManyPositions,
        });
    }

    public RwkvConfig Config { get; }

    public HostDriver Driver { get; }

    /// <summary>What multiplies from <c>many</c> positions on, where that is given.</summary>
    public HostCublas Cublas { get; }

    public CudaDecoder Decoder { get; }

    /// <summary>A slot that has read nothing.</summary>
    public void Reset(int slot)
    {
        for (var layer = 0; layer < Config.LayerCount; layer++)
        {
            Write(layer, slot, new float[Config.StateRows * Config.Width]);
        }
    }

    /// <summary>One layer's state of a slot. [R,C]</summary>
    public float[] Rows(int layer, int slot)
    {
        var rows = new float[Config.StateRows * Config.Width];
        _states.Read<float>(rows, Offset(layer, slot));
        return rows;
    }

    /// <summary>Sets it.</summary>
    public void Write(int layer, int slot, float[] rows) => _states.Write<float>(rows, Offset(layer, slot));

    /// <summary>Reads tokens, so many at a time, and gives the logits after each such chunk. [chunks * V]</summary>
    public float[] Read(int slot, ReadOnlySpan<int> tokens, int chunk) => Decoder.Read(Config.VocabularySize, slot, tokens, chunk);

    /// <summary>One token each. [rows * V]</summary>
    public float[] Decode(params (int Slot, int Token)[] rows) => Decoder.Decode(Config.VocabularySize, rows);

    public void Dispose()
    {
        Decoder.Dispose();
        _file.Dispose();
        Xunit.Assert.Empty(Driver.Damage);
        Xunit.Assert.Equal(0, Driver.LiveHandles);
        Xunit.Assert.Equal(0, Cublas.LiveHandles);
    }

    private long Offset(int layer, int slot) => (((long)layer * _slots) + slot) * Config.StateRows * Config.Width * sizeof(float);
}
