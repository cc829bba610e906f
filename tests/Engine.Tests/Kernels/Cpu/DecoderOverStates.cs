using RwkvSk.Engine.Kernels;
using RwkvSk.Engine.Kernels.Cpu;
using RwkvSk.Engine.Models;
using RwkvSk.Engine.Weights;

namespace RwkvSk.Engine.Tests.Kernels.Cpu;

/// <summary>A checkpoint's decoder over states of its own, without libtorch in the steps.</summary>
internal sealed unsafe class DecoderOverStates : IDisposable
{
    private readonly NativeArena _arena = new(1 << 20);
    private readonly IWeightFile _file;
    private readonly float* _states;
    private readonly int _slots;

    public DecoderOverStates(
        string path, SimdLevel level, int slots = 1, int threads = 2, WeightPrecision precision = WeightPrecision.Auto, int positions = CpuDecoder.FewPositions,
        string prefix = "")
    {
        _file = WeightFiles.Open(path);
        _slots = slots;
        var scope = new WeightScope(new ShapeSource(_file));
        Config = RwkvConfig.Read(prefix.Length == 0 ? scope : scope[prefix.TrimEnd('.')]);
        _states = _arena.Floats((long)Config.LayerCount * slots * Config.StateRows * Config.Width);
        Decoder = new CpuDecoder(_file, prefix, Config, new StatesInPlace((nint)_states, slots), new CpuDecoderOptions(positions, threads, precision, level));
        for (var slot = 0; slot < slots; slot++)
        {
            Reset(slot);
        }
    }

    public RwkvConfig Config { get; }

    public CpuDecoder Decoder { get; }

    /// <summary>A slot that has read nothing.</summary>
    public void Reset(int slot)
    {
        for (var layer = 0; layer < Config.LayerCount; layer++)
        {
            var rows = Rows(layer, slot);
            rows.Clear();
            if (Config.Version == RwkvVersion.V4)
            {
                rows.Slice(3 * Config.Width, Config.Width).Fill(-1e30f);
            }
        }
    }

    /// <summary>One layer's state of a slot. [R,C]</summary>
    public Span<float> Rows(int layer, int slot)
    {
        var length = Config.StateRows * Config.Width;
        return new Span<float>(_states + ((((long)layer * _slots) + slot) * length), length);
    }

    /// <summary>Reads tokens, so many at a time, and gives the logits after each such chunk. [chunks * V]</summary>
    public float[] Read(int slot, ReadOnlySpan<int> tokens, int chunk) => Decoder.Read(Config.VocabularySize, slot, tokens, chunk);

    /// <summary>One token each. [rows * V]</summary>
    public float[] Decode(params (int Slot, int Token)[] rows) => Decoder.Decode(Config.VocabularySize, rows);

    public void Dispose()
    {
        Decoder.Dispose();
        _arena.Dispose();
        _file.Dispose();
    }
}
