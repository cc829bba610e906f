using RwkvSk.Engine.Models;
using Xunit;

namespace RwkvSk.Engine.Tests.Models;

/// <summary>On TorchSharp's own Linux library, whose version demands are the reason for all this.</summary>
public class ElfVersionNeedsTests
{
    private const string Dependency = "libstdc++.so.6";
    private readonly byte[] _library;

    public ElfVersionNeedsTests()
    {
        var path = Path.Combine(AppContext.BaseDirectory, "runtimes", "linux-x64", "native", "libLibTorchSharp.so");
        Assert.SkipUnless(File.Exists(path), $"TorchSharp's Linux library is not beside the tests ({path})");
        _library = File.ReadAllBytes(path);
    }

    [Fact]
    public void A_missing_version_that_nothing_uses_costs_one_byte()
    {
        var weakened = _library.ToArray();
        ElfVersionNeeds.Weaken(weakened, Dependency, Versions(upTo: 31));
        var changed = Enumerable.Range(0, _library.Length).Where(i => _library[i] != weakened[i]).ToList();
        Assert.Single(changed);
        Assert.Equal((0, 2), (_library[changed[0]], weakened[changed[0]]));
    }

    [Fact]
    public void A_library_whose_demands_are_met_is_left_alone()
    {
        var weakened = _library.ToArray();
        ElfVersionNeeds.Weaken(weakened, Dependency, Versions(upTo: 40));
        Assert.Equal(_library, weakened);
    }

    [Fact]
    public void A_missing_version_that_is_used_is_refused_by_name()
    {
        var refused = Assert.Throws<InvalidDataException>(() => ElfVersionNeeds.Weaken(_library.ToArray(), Dependency, Versions(upTo: 28)));
        Assert.Contains("GLIBCXX_3.4.", refused.Message, StringComparison.Ordinal);
        Assert.Contains(Dependency, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_library_is_refused()
    {
        Assert.Throws<InvalidDataException>(() => ElfVersionNeeds.Weaken(new byte[100], Dependency, Versions(upTo: 40)));
        Assert.Throws<InvalidDataException>(() => ElfVersionNeeds.Weaken([], Dependency, Versions(upTo: 40)));
    }

    private static HashSet<string> Versions(int upTo) =>
        [.. Enumerable.Range(0, upTo + 1).Select(static i => $"GLIBCXX_3.4.{i}"), "GLIBCXX_3.4", .. Enumerable.Range(0, 20).Select(static i => $"CXXABI_1.3.{i}"), "CXXABI_1.3"];
}
