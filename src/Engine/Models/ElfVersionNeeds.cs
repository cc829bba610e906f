using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace RwkvSk.Engine.Models;

/// <summary>
/// Marks version demands of an ELF64 library as weak when the system's library lacks the version and no relocation uses a symbol of it. The dynamic
/// linker refuses a library for a missing strong version even if nothing needs it; for a weak one it goes on.
/// Source of the layout: System V ABI (section headers), Linux Standard Base "Symbol Versioning" (Elfxx_Verneed, Elfxx_Vernaux, Elfxx_Verdef).
/// </summary>
internal static class ElfVersionNeeds
{
    private const uint SectionRela = 4, SectionVersionDefinitions = 0x6ffffffd, SectionVersionNeeds = 0x6ffffffe, SectionVersionOfSymbol = 0x6fffffff;
    private const ushort Weak = 2;

    /// <summary>Writes the adapted copy into a per-user cache (named by content) and returns its path.</summary>
    /// <exception cref="InvalidDataException">The file is no ELF64 library, or symbols of the missing version are really used.</exception>
    public static string WriteWeakenedCopy(string library)
    {
        var image = File.ReadAllBytes(library);
        Weaken(image, "libstdc++.so.6", VersionsDefinedBy(LoadedPath("libstdc++.so.6")));

        var name = Convert.ToHexStringLower(SHA256.HashData(image))[..32];
        var directory = Path.Combine(CacheRoot(), "native", name);
        Directory.CreateDirectory(directory);
        var path = Path.Combine(directory, Path.GetFileName(library));
        if (!File.Exists(path) || !File.ReadAllBytes(path).AsSpan().SequenceEqual(image))
        {
            var temporary = Path.Combine(directory, $".{Environment.ProcessId}.tmp");
            File.WriteAllBytes(temporary, image);
            File.Move(temporary, path, overwrite: true);
        }

        return path;
    }

    /// <summary>Marks as weak every version of <paramref name="dependency"/> that is demanded and not in <paramref name="available"/>.</summary>
    public static void Weaken(Span<byte> image, string dependency, IReadOnlySet<string> available)
    {
        var sections = Sections(image);
        var needs = sections.FirstOrDefault(s => s.Type == SectionVersionNeeds)
            ?? throw new InvalidDataException("it has no version demands to adapt.");
        var names = sections[(int)needs.Link];

        for (long at = needs.Offset; ;)
        {
            var need = image[(int)at..];                               // version u16, count u16, file u32, aux u32, next u32
            var isDependency = Text(image, names, U32(need, 4)) == dependency;
            long auxiliary = at + U32(need, 8);
            for (var left = U16(need, 2); left > 0; left--)
            {
                var aux = image[(int)auxiliary..];                     // hash u32, flags u16, other u16, name u32, next u32
                var version = Text(image, names, U32(aux, 8));
                if (isDependency && !available.Contains(version))
                {
                    if (IsUsed(image, sections, U16(aux, 6)))
                    {
                        throw new InvalidDataException($"it uses symbols of {version}, which this system's {dependency} does not have.");
                    }

                    BinaryPrimitives.WriteUInt16LittleEndian(aux[4..], (ushort)(U16(aux, 4) | Weak));
                }

                auxiliary += U32(aux, 12);
            }

            var next = U32(need, 12);
            if (next == 0)
            {
                return;
            }

            at += next;
        }
    }

    // A symbol whose versym entry is the version's index is used when any relocation names it.
    private static bool IsUsed(ReadOnlySpan<byte> image, List<Section> sections, ushort versionIndex)
    {
        var versions = sections.First(s => s.Type == SectionVersionOfSymbol);
        var used = new HashSet<uint>();
        foreach (var relocations in sections.Where(s => s.Type == SectionRela))
        {
            for (long at = relocations.Offset; at < relocations.Offset + relocations.Size; at += 24)   // offset u64, info u64, addend i64
            {
                used.Add(U32(image[(int)at..], 12));
            }
        }

        for (var symbol = 0; symbol < versions.Size / 2; symbol++)
        {
            if ((U16(image[(int)versions.Offset..], symbol * 2) & 0x7fff) == versionIndex && used.Contains((uint)symbol))
            {
                return true;
            }
        }

        return false;
    }

    private static HashSet<string> VersionsDefinedBy(string library)
    {
        ReadOnlySpan<byte> image = File.ReadAllBytes(library);
        var sections = Sections(image);
        var definitions = sections.First(s => s.Type == SectionVersionDefinitions);
        var names = sections[(int)definitions.Link];
        var found = new HashSet<string>();
        for (long at = definitions.Offset; ;)
        {
            var definition = image[(int)at..];                         // version, flags, index, count: u16; hash, aux, next: u32
            found.Add(Text(image, names, U32(image[(int)(at + U32(definition, 12))..], 0)));
            var next = U32(definition, 16);
            if (next == 0)
            {
                return found;
            }

            at += next;
        }
    }

    private static string LoadedPath(string library) =>
        File.ReadLines("/proc/self/maps")
            .Select(static line => line[(line.LastIndexOf(' ') + 1)..])
            .FirstOrDefault(path => Path.GetFileName(path).StartsWith(library, StringComparison.Ordinal))
        ?? throw new InvalidDataException($"{library} is not loaded in this process.");

    private static string CacheRoot()
    {
        var local = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.Create);
        return Path.Combine(string.IsNullOrEmpty(local) ? Path.GetTempPath() : local, "RwkvSk");
    }

    private static List<Section> Sections(ReadOnlySpan<byte> image)
    {
        if (image.Length < 64 || !image[..5].SequenceEqual(stackalloc byte[] { 0x7f, (byte)'E', (byte)'L', (byte)'F', 2 }))
        {
            throw new InvalidDataException("it is no 64-bit ELF library.");
        }

        var table = (long)BinaryPrimitives.ReadUInt64LittleEndian(image[0x28..]);
        var (size, count) = (U16(image, 0x3a), U16(image, 0x3c));
        var sections = new List<Section>(count);
        for (var i = 0; i < count; i++)
        {
            var header = image[(int)(table + (i * size))..];
            sections.Add(new Section(U32(header, 4), (long)BinaryPrimitives.ReadUInt64LittleEndian(header[24..]), (long)BinaryPrimitives.ReadUInt64LittleEndian(header[32..]), U32(header, 40)));
        }

        return sections;
    }

    private static string Text(ReadOnlySpan<byte> image, Section strings, uint offset)
    {
        var text = image[(int)(strings.Offset + offset)..];
        return Encoding.ASCII.GetString(text[..text.IndexOf((byte)0)]);
    }

    private static ushort U16(ReadOnlySpan<byte> data, int at) => BinaryPrimitives.ReadUInt16LittleEndian(data[at..]);

    private static uint U32(ReadOnlySpan<byte> data, int at) => BinaryPrimitives.ReadUInt32LittleEndian(data[at..]);

    private sealed record Section(uint Type, long Offset, long Size, uint Link);
}
