using System.Runtime.InteropServices;

namespace RwkvSk.Engine.Kernels.Cuda.Parameters;

/// <summary>How one row's tokens are chosen, and how many were; kept on the device. See <c>tokens.h</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct Choice
{
    public float Temperature, TopP;
    public int TopK, Step;
    public ulong Seed, Drawn;
}

/// <summary>Parameters of the kernel that chooses tokens; see <c>tokens.h</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct Choose
{
    public nint Logits, Forbidden, Rows, Tokens, History;
    public int Size;
}
