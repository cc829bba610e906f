using System.Globalization;
using System.Runtime.Intrinsics.X86;
using System.Text.RegularExpressions;
using RwkvSk.Engine.Kernels.Cpu;
using RwkvSk.Engine.Tests.States;
using Xunit;

namespace RwkvSk.Engine.Tests.Kernels.Cpu;

/// <summary>
/// The kernels' tests once more as machines with narrower vectors run them: the runtime is told to leave instructions out, so the compiler's own choices differ as well and not only
/// the width that a kernel is asked for.
/// </summary>
public sealed partial class OtherMachinesTests
{
    private const int FewestTests = 30;

    [Theory]
    [InlineData("AVX512", (int)SimdLevel.Vector256)]
    [InlineData("AVX2", (int)SimdLevel.Vector128)]
    [InlineData("HWIntrinsic", (int)SimdLevel.Scalar)]
    public async Task Kernels_pass_their_tests_without(string instructions, int level)
    {
        Assert.SkipUnless(Avx2.IsSupported && (int)SimdLevels.Best >= level, "needs a processor with AVX2 to leave something out of");
        using var child = ChildProcess.TestingKernelsWithout(instructions, (SimdLevel)level);
        var lines = new List<string>();
        while (await child.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            lines.Add(line);
        }

        var code = await child.WaitAsync(TestContext.Current.CancellationToken);
        var output = string.Join('\n', lines.TakeLast(40));
        Assert.True(code == 0, $"ended with {code}: {output}");
        var summary = Summary().Match(output);
        Assert.True(summary.Success && int.Parse(summary.Groups[1].Value, CultureInfo.InvariantCulture) >= FewestTests, $"expected at least {FewestTests} tests: {output}");
    }

    [GeneratedRegex(@"Total: (\d+), Errors: 0, Failed: 0, Skipped: 0")]
    private static partial Regex Summary();
}
