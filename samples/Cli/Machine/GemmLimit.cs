using static TorchSharp.torch;

namespace RwkvSk.Cli.Machine;

/// <summary>How fast libtorch multiplies matrices here, at a size that suits it: what prefill cannot be faster than.</summary>
internal sealed class GemmLimit : IDisposable
{
    private const int Rows = 256, Width = 2048;

    private readonly Tensor _x, _weight;

    /// <param name="type">The number format of both factors.</param>
    public GemmLimit(ScalarType type)
    {
        using var temporaries = NewDisposeScope();
        _x = randn(Rows, Width).to(type).DetachFromDisposeScope();
        _weight = randn(Width, Width).to(type).DetachFromDisposeScope();
    }

    /// <summary>What is multiplied.</summary>
    public static string Shape => $"[{Rows},{Width}] x [{Width},{Width}]^T";

    /// <summary>Operations of one pass.</summary>
    public static double Flops => 2.0 * Rows * Width * Width;

    /// <summary>Multiplies once.</summary>
    public void Pass()
    {
        using var inference = inference_mode();
        using var product = nn.functional.linear(_x, _weight);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _x.Dispose();
        _weight.Dispose();
    }
}
