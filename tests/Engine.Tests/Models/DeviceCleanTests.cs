using RwkvSk.Engine.Kernels.Torch;
using RwkvSk.Engine.Models;
using RwkvSk.Engine.Weights;
using RwkvSk.TestKit;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace RwkvSk.Engine.Tests.Models;

/// <summary>
/// libtorch's path on a device that is not the CPU and whose tensors have shapes and no numbers: an operation that mixes it with a tensor of the CPU, or a pass over memory, fails.
/// So a constant that was made on the wrong device, or a copy to the host on the way, is found without a GPU. (libtorch has no norms, convolutions and look-ups for it,
/// so this is about what lies between them: the recurrences, which make constants, and a mixer without any.)
/// </summary>
public class DeviceCleanTests
{
    private static readonly torch.Device Meta = new(DeviceType.META);

    public DeviceCleanTests() => Assert.SkipWhen(LibTorch.Missing is not null, LibTorch.Missing ?? "");

    [Theory]
    [InlineData(1), InlineData(16), InlineData(40)]
    public void A_recurrence_stays_on_its_device(int length)
    {
        using var inference = inference_mode();
        using var temporaries = NewDisposeScope();
        Tensor heads = Empty(2, length, 3, 8), state = Empty(2, 3, 8, 8), row = Empty(2, length, 24), channel = Empty(24);
        var (y4, s4) = Wkv4.Forward(row, row, channel, channel, Empty(2, 3, 24));
        var (y6, s6) = Wkv6.Forward(heads, heads, heads, heads, Empty(3, 8), state);
        var one = Empty(2, 1, 3, 8);   // the chunks of RWKV-7 solve a triangular system, which libtorch does not for this device
        var (y7, s7) = Wkv7.Forward(one, one, one, one, one, one, state);
        Assert.All([y4, s4, y6, s6, y7, s7], static result => Assert.Equal(DeviceType.META, result.device_type));
        Assert.Equal((row.NumberOfElements, heads.NumberOfElements, one.NumberOfElements), (y4.NumberOfElements, y6.NumberOfElements, y7.NumberOfElements));
    }

    [Theory]
    [InlineData(ScalarType.Float32), InlineData(ScalarType.Float16), InlineData(ScalarType.BFloat16)]
    public void A_time_mix_and_its_states_stay_on_their_device(ScalarType precision)
    {
        using var inference = inference_mode();
        using var temporaries = NewDisposeScope();
        using var file = WeightFiles.Open(Golden.File("rwkv4", "small_fp32.safetensors"));
        var scope = new WeightScope(new FileWeightSource(file, Meta, precision));
        var config = RwkvConfig.Read(scope);
        var state = LayerState.Of(Empty(2, config.StateRows, config.Width), config);
        var x = Empty(2, 40, config.Width);
        var y = Mixers.TimeMix(config, scope["blocks"][0]["att"], 0).Forward(x, state, new StepContext());
        Assert.Equal((DeviceType.META, DeviceType.META), (y.device_type, state.Rows().device_type));
        Assert.Equal(x.shape, y.shape);
        Assert.Equal(DeviceType.META, InitialState.Read(scope, config, Meta).device_type);
    }

    [Fact]
    public void Mixing_devices_is_found()
    {
        using var temporaries = NewDisposeScope();
        Assert.ThrowsAny<Exception>(() => Empty(2, 3).Plus(zeros(2, 3)));
        Assert.ThrowsAny<Exception>(() => Empty(2, 3).bytes.Length);
    }

    private static Tensor Empty(params long[] shape) => empty(shape, device: Meta);
}
