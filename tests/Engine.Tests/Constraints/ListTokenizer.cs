using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using RwkvSk.Engine.Constraints.Masks;
using RwkvSk.Engine.Tokenization;

namespace RwkvSk.Engine.Tests.Constraints;

/// <summary>A vocabulary given as a list; id 0 and every null entry have no bytes.</summary>
internal sealed class ListTokenizer : ITokenizer
{
    private readonly byte[][] _tokens;

    public ListTokenizer(IEnumerable<byte[]?> tokens) => _tokens = [[], .. tokens.Select(static t => t ?? [])];

    public int VocabularySize => _tokens.Length;

    public ReadOnlySpan<byte> Fingerprint => SHA256.HashData(_tokens.SelectMany(static t => t).ToArray());

    /// <summary>The 256 bytes alone.</summary>
    public static ListTokenizer Bytes { get; } = new(AllBytes());

    /// <summary>The 256 bytes and a few hundred pieces of JSON and text, the nasty ones included: halves of characters, quotes in the middle, whole members.</summary>
    public static ListTokenizer Mixed { get; } = new([.. AllBytes(), .. Pieces().Select(Encoding.UTF8.GetBytes), [0xE4, 0xBD], [0xBD, 0xA0, 0x22], [0x22, 0xF0, 0x9F]]);

    /// <summary>The World vocabulary, where the golden folder is at hand.</summary>
    public static ListTokenizer? World { get; } = LoadWorld();

    public static ListTokenizer Of(params string[] tokens) => new(tokens.Select(Encoding.UTF8.GetBytes));

    public void Encode(ReadOnlySpan<byte> utf8, ICollection<int> ids)
    {
        var trie = new VocabularyTrie(this);
        while (!utf8.IsEmpty)
        {
            var (node, best, length) = (0, -1, 0);
            for (var i = 0; i < utf8.Length && trie.Child(node, utf8[i]) is var child and >= 0; i++)
            {
                node = child;
                if (trie.Tokens[node] >= 0)
                {
                    (best, length) = (trie.Tokens[node], i + 1);
                }
            }

            ids.Add(best);
            utf8 = utf8[length..];
        }
    }

    public ReadOnlySpan<byte> BytesOf(int id) => id < _tokens.Length ? _tokens[id] : default;

    private static IEnumerable<byte[]> AllBytes() => Enumerable.Range(0, 256).Select(static i => new[] { (byte)i });

    private static IEnumerable<string> Pieces()
    {
        string[] pieces =
        [
            "{\"", "\"}", "\":", "\":\"", "\",\"", "\",", "\"]", "[\"", "{}", "[]", "}}", "]]", "},{", "\"a\":", "\"a\":1,\"b\":", ":1", "1,", ",1", "1}", "1]",
            "true", "false", "null", "tr", "ue", "nul", ":true}", "\"\"", "\"\",\"", "\\u", "\\ud", "\\ud83d", "\\ude00", "\\\"", "\\n", "\\\\", "d8", "00",
            "-1", "0.", ".5", "e+", "1e", "12", "100", "-0", "你", "你好", "é\"", "😀", " ", "  ", "\n", "\t", "name", "value", "kind", "next", "item",
            "\"kind\":\"", "a\"", "b\"}", "\"x\"", "x\",\"y", "-01", "2024", "-02-", "T0", ":0", "@", ".c", "aaaa", "bb", "abc",
        ];
        return pieces.Concat(Enumerable.Range(0, 100).Select(static i => i.ToString(CultureInfo.InvariantCulture)))
            .Concat(Enumerable.Range(0, 200).Select(static i => $"{(char)('a' + (i % 26))}{(char)('a' + (i / 8))}")).Distinct().Where(static p => Encoding.UTF8.GetByteCount(p) > 1);
    }

    private static ListTokenizer? LoadWorld()
    {
        var golden = Environment.GetEnvironmentVariable("RWKVSK_GOLDEN");
        var path = golden is null ? null : Path.Combine(golden, "tokenizer", "rwkv_vocab_v20230424.txt");
        if (!File.Exists(path))
        {
            return null;
        }

        var tokens = new List<byte[]?>();
        foreach (var line in File.ReadLines(path))
        {
            var (first, last) = (line.IndexOf(' ', StringComparison.Ordinal), line.LastIndexOf(' '));
            var id = int.Parse(line.AsSpan(0, first), CultureInfo.InvariantCulture);
            while (tokens.Count < id)
            {
                tokens.Add(null);
            }

            tokens[id - 1] = Literal(line[(first + 1)..last]);
        }

        return new(tokens);
    }

    private static byte[] Literal(string text)
    {
        var isBytes = text[0] == 'b';
        var bytes = new List<byte>();
        for (var i = isBytes ? 2 : 1; i < text.Length - 1; i++)
        {
            var symbol = Rune.GetRuneAt(text, i);
            if (symbol.Value == '\\')
            {
                var kind = text[++i];
                var digits = kind switch { 'x' => 2, 'u' => 4, _ => 0 };
                symbol = kind switch
                {
                    'n' => new('\n'),
                    't' => new('\t'),
                    'r' => new('\r'),
                    'x' or 'u' => new(int.Parse(text.AsSpan(i + 1, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)),
                    _ => new(kind),
                };
                i += digits;
            }
            else
            {
                i += symbol.Utf16SequenceLength - 1;
            }

            if (isBytes)
            {
                bytes.Add((byte)symbol.Value);
            }
            else
            {
                bytes.AddRange(Encoding.UTF8.GetBytes(symbol.ToString()));
            }
        }

        return [.. bytes];
    }
}
