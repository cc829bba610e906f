using System.Globalization;
using System.Text.RegularExpressions;

namespace RwkvSk.TestKit.Cuda;

/// <summary>What a PTX text declares: its kernels with the sizes of their parameters.</summary>
internal static partial class PtxEntries
{
    /// <summary>Bytes of each parameter, by kernel.</summary>
    public static Dictionary<string, int[]> Read(string ptx) =>
        Entry().Matches(ptx).ToDictionary(static entry => entry.Groups["name"].Value, static entry => Parameter().Matches(entry.Groups["parameters"].Value).Select(SizeOf).ToArray());

    /// <summary>A PTX text that declares kernels and has nothing in them. Types are as in PTX: u64, f32, b8[24].</summary>
    public static byte[] Declare(params (string Name, string[] Parameters)[] kernels) =>
        System.Text.Encoding.UTF8.GetBytes(".version 7.5\n.target sm_80\n.address_size 64\n" + string.Concat(kernels.Select(static kernel =>
            $".visible .entry {kernel.Name}(\n{string.Join(",\n", kernel.Parameters.Select((type, i) => $"\t.param .{Typed(type, $"{kernel.Name}_param_{i}")}"))}\n)\n{{\n\tret;\n}}\n")));

    // b8[24] x: the count stands behind the name.
    private static string Typed(string type, string name) => type.IndexOf('[') is > 0 and var bracket ? $"align 8 .{type[..bracket]} {name}{type[bracket..]}" : $"{type} {name}";

    private static int SizeOf(Match parameter) =>
        int.Parse(parameter.Groups["bits"].Value, CultureInfo.InvariantCulture) / 8
        * (parameter.Groups["count"].Success ? int.Parse(parameter.Groups["count"].Value, CultureInfo.InvariantCulture) : 1);

    [GeneratedRegex(@"\.entry\s+(?<name>[\w$]+)\s*(\((?<parameters>[^)]*)\))?")]
    private static partial Regex Entry();

    [GeneratedRegex(@"\.param\s+(\.align\s+\d+\s+)?\.[bufs](?<bits>\d+)\s+(\.ptr\s+(\.\w+\s+)?(\.align\s+\d+\s+)?)?[\w$]+(\[(?<count>\d+)\])?")]
    private static partial Regex Parameter();
}
