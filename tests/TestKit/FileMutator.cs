using System.Globalization;

namespace RwkvSk.TestKit;

/// <summary>
/// Damages files in seeded, repeatable ways: flipped bits, telling numbers, cuts, bytes moved from elsewhere. RWKVSK_FUZZ sets how many files a test makes,
/// RWKVSK_FUZZ_SEED which ones.
/// </summary>
internal static class FileMutator
{
    private static readonly byte[][] Telling =
        [[0], [0xff], [0x7f], [0x80], [0xff, 0xff], [0, 0, 0, 0x80], [0xff, 0xff, 0xff, 0x7f], [0xff, 0xff, 0xff, 0xff], [0, 0, 0, 0, 0, 0, 0, 0x80], "\"{}[]:,-19"u8.ToArray(), "(.}]tRbcQ\n"u8.ToArray()];

    /// <summary>How many damaged files a test makes.</summary>
    public static int Count { get; } = Number("RWKVSK_FUZZ", 2000);

    /// <summary>The first seed; file i is made from seed + i alone.</summary>
    public static int Seed { get; } = Number("RWKVSK_FUZZ_SEED", 20240613);

    /// <summary>One damaged copy of <paramref name="original"/>.</summary>
    /// <param name="original">A sound file.</param>
    /// <param name="telling">The part where damage is most interesting (a header), hit every second time.</param>
    /// <param name="seed">Which damage.</param>
    public static byte[] Mutate(byte[] original, Range telling, int seed)
    {
        var random = new Random(seed);
        var bytes = (byte[])original.Clone();
        var (start, length) = random.Next(2) == 0 ? telling.GetOffsetAndLength(bytes.Length) : (0, bytes.Length);
        for (var round = random.Next(1, 4); round > 0 && bytes.Length > 0; round--)
        {
            var at = Math.Min(start + random.Next(Math.Max(length, 1)), bytes.Length - 1);
            switch (random.Next(8))
            {
                case 0 when random.Next(2) == 0:
                    bytes = bytes[..at];
                    break;
                case 1:
                    Overwrite(bytes, at, Telling[random.Next(Telling.Length)]);
                    break;
                case 2:
                    var from = random.Next(bytes.Length);
                    Overwrite(bytes, at, bytes.AsSpan()[from..Math.Min(bytes.Length, from + random.Next(1, 40))]);
                    break;
                case 3 when random.Next(2) == 0:
                    bytes = [.. bytes[..at], .. bytes[Math.Min(bytes.Length, at + random.Next(1, 24))..]];
                    break;
                case 4 when random.Next(2) == 0:
                    var again = Math.Min(bytes.Length, at + random.Next(1, 24));
                    bytes = [.. bytes[..again], .. bytes[at..]];
                    break;
                case 5:
                    bytes[at] = (byte)random.Next(256);
                    break;
                default:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
            }
        }

        return bytes;
    }

    private static void Overwrite(byte[] bytes, int at, ReadOnlySpan<byte> with) =>
        with[..Math.Min(with.Length, bytes.Length - at)].CopyTo(bytes.AsSpan(at));

    private static int Number(string variable, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out var value) ? value : otherwise;
}
