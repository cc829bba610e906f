using System.Buffers.Text;

namespace RwkvSk.Engine.Tokenization;

/// <summary>
/// Reads RWKV World vocabulary files: one token a line, "id literal length", where the literal is Python's, may contain spaces, and length counts
/// its bytes. Lines end in LF or CRLF; the last one may not end at all.
/// </summary>
internal static class WorldVocabularyFile
{
    /// <summary>All tokens by id; null where the file defines none.</summary>
    /// <param name="file">The file's content.</param>
    /// <param name="name">What errors call the file.</param>
    /// <exception cref="ModelFormatException">A line is malformed, an id appears twice, or there is no token at all.</exception>
    public static byte[]?[] Parse(ReadOnlySpan<byte> file, string name)
    {
        var tokens = new List<byte[]?>();
        var number = 0;
        foreach (var range in file.Split((byte)'\n'))
        {
            number++;
            var line = file[range].TrimEnd((byte)'\r');
            if (line.IsEmpty)
            {
                continue;
            }

            try
            {
                Add(tokens, line);
            }
            catch (FormatException error)
            {
                throw new ModelFormatException($"{name}, line {number}: {error.Message}", error);
            }
        }

        return tokens.Count > 0 ? [.. tokens] : throw new ModelFormatException($"{name} defines no token");
    }

    private static void Add(List<byte[]?> tokens, ReadOnlySpan<byte> line)
    {
        var afterId = line.IndexOf((byte)' ');
        var beforeLength = line.LastIndexOf((byte)' ');
        if (afterId <= 0 || beforeLength <= afterId
            || !TryParse(line[..afterId], out var id)
            || !TryParse(line[(beforeLength + 1)..], out var length))
        {
            throw new FormatException("expected an id, a Python literal and a length in bytes, with spaces between them");
        }

        if (id is < 0 or > TokenTable.MaximumId)
        {
            throw new FormatException($"id {id} is outside of 0 to {TokenTable.MaximumId}");
        }

        var bytes = ParseLiteral(line[(afterId + 1)..beforeLength], id);
        if (bytes.Length != length || length == 0)
        {
            throw new FormatException($"token {id} has {bytes.Length} bytes, and the line says {length}");
        }

        while (tokens.Count <= id)
        {
            tokens.Add(null);
        }

        tokens[id] = tokens[id] is null ? bytes : throw new FormatException($"id {id} appears for the second time");
    }

    private static byte[] ParseLiteral(ReadOnlySpan<byte> literal, int id)
    {
        try
        {
            return PythonLiteral.Parse(literal);
        }
        catch (FormatException error)
        {
            throw new FormatException($"the literal of token {id} cannot be read: {error.Message}", error);
        }
    }

    private static bool TryParse(ReadOnlySpan<byte> digits, out int value) =>
        Utf8Parser.TryParse(digits, out value, out var consumed) && consumed == digits.Length;
}
