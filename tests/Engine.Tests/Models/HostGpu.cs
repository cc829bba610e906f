using RwkvSk.Engine.Kernels.Cuda;
using RwkvSk.Engine.Kernels.Cuda.Driver;
using RwkvSk.Engine.Models;
using RwkvSk.Engine.Scheduling;
using RwkvSk.Engine.Weights;
using RwkvSk.TestKit;
using RwkvSk.TestKit.Cuda;
using Xunit;
using static TorchSharp.torch;

namespace RwkvSk.Engine.Tests.Models;

/// <summary>A golden checkpoint's runner as it is on a GPU: the kernels and the driver run on the host, libtorch on the CPU.</summary>
internal sealed unsafe class HostGpu : IDisposable
{
    private readonly IWeightFile _file;

    public HostGpu(string version, long memory = 1L << 30, int slots = 3)
    {
        LibTorchLoader.EnsureLoaded();
        _file = WeightFiles.Open(Golden.File(version, "small_fp32.safetensors"));
        var scope = new WeightScope(new FileWeightSource(_file, CPU, ScalarType.Float32));
        var config = RwkvConfig.Read(scope);
        Driver = new HostDriver(KernelShim.Load().Launch) { MemoryBytes = memory };
        var context = CudaContext.Open(Driver);
        var options = new EngineOptions { MaxRunning = slots };
        try
        {
            Runner = new TorchModelRunner(new RwkvModel(scope, config), null, options, CPU, _file, new byte[32], states =>
            {
                Driver.Adopt(states.Data, (long)states.SlotCount * config.LayerCount * config.StateRows * config.Width * sizeof(float));
                return new CudaDecoder(context, _file, "", config, states.Data, states.SlotCount, CudaDecoderOptions.For(options));
            }, context);
        }
        catch
        {
            context.Dispose();
            Assert.Equal(0, Driver.LiveHandles);
            throw;
        }
    }

    public HostDriver Driver { get; }

    public TorchModelRunner Runner { get; }

    public float[] Read(int slot, int[] tokens) => Step(Phase.Prefill, new BatchRow(slot, tokens, null, true));

    public float[] Decode(params (int Slot, int Token)[] rows) => Step(Phase.Decode, [.. rows.Select(static row => new BatchRow(row.Slot, new[] { row.Token }, null, true))]);

    public void Dispose()
    {
        Runner.Dispose();
        Assert.Equal(0, Driver.LiveHandles);
        Assert.Empty(Driver.Damage);
    }

    private float[] Step(Phase phase, params BatchRow[] rows)
    {
        var logits = new float[rows.Length * Runner.VocabularySize];
        Runner.Step(new Batch(phase, rows), logits);
        return logits;
    }
}
