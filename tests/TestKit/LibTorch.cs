using RwkvSk.Engine;
using RwkvSk.Engine.Models;

namespace RwkvSk.TestKit;

/// <summary>
/// Whether tests can use libtorch here. A test class that does asks in its constructor, before any tensor exists:
/// <c>Assert.SkipWhen(LibTorch.Missing is not null, LibTorch.Missing!)</c>. The loader must come before TorchSharp's own search.
/// </summary>
public static class LibTorch
{
    /// <summary>Why it cannot be used; null when it can.</summary>
    public static string? Missing { get; } = Load();

    private static string? Load()
    {
        try
        {
            LibTorchLoader.EnsureLoaded();
            return null;
        }
        catch (LibTorchException exception)
        {
            return exception.Message;
        }
    }
}
