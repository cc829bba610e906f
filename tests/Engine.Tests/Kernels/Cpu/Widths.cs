using RwkvSk.Engine.Kernels.Cpu;
using RwkvSk.Engine.Tests.States;

namespace RwkvSk.Engine.Tests.Kernels.Cpu;

/// <summary>The vector widths that kernels are tested at.</summary>
internal static class Widths
{
    /// <summary>Every width, with or without registers for it; in a process that stands for another machine that machine's alone.</summary>
    public static IReadOnlyList<SimdLevel> Tested { get; } = ChildProcess.IsChild ? [SimdLevels.Best] : Enum.GetValues<SimdLevel>();
}
