using System.Text;

namespace RwkvSk.Engine.Tokenization;

/// <summary>
/// GPT-NeoX's byte-level BPE, the tokenizer of the RWKV models trained on the Pile. Text is brought to Unicode's composed form (NFC) first, so
/// decomposed text comes back composed. Bytes that are no UTF-8 are kept where they have a token and become U+FFFD where they have none (GPT-NeoX
/// has none for the thirteen bytes that no UTF-8 contains). Special tokens stand for no text: they have no bytes.
/// </summary>
internal sealed class BpeTokenizer : ITokenizer
{
    private readonly TokenTable _tokens;
    private readonly BpeMerges _merges;
    private readonly AddedTokens _rawTokens;
    private readonly AddedTokens _normalizedTokens;
    private readonly bool _normalizes;
    private readonly byte[] _fingerprint;

    private BpeTokenizer(BpeTokenizerFile file)
    {
        _tokens = file.Tokens;
        _merges = file.Merges;
        _rawTokens = new AddedTokens(file.AddedTokens.Where(token => !token.Normalized).Select(token => (token.Text, token.Id)));
        _normalizedTokens = new AddedTokens(file.AddedTokens.Where(token => token.Normalized).Select(token => (token.Text, token.Id)));
        _normalizes = file.Normalizes;
        _fingerprint = file.Fingerprint;
    }

    /// <inheritdoc/>
    public int VocabularySize => _tokens.Count;

    /// <inheritdoc/>
    public ReadOnlySpan<byte> Fingerprint => _fingerprint;

    /// <summary>Reads a tokenizer.json such as 20B_tokenizer.json.</summary>
    /// <exception cref="ModelFormatException">It is no such file, or one that asks for steps this tokenizer does not take.</exception>
    public static BpeTokenizer Load(string path) => Parse(File.ReadAllBytes(path), Path.GetFileName(path));

    /// <summary>Reads the content of a tokenizer.json.</summary>
    /// <param name="json">The content.</param>
    /// <param name="name">What errors call it.</param>
    /// <exception cref="ModelFormatException">It is no such file, or one that asks for steps this tokenizer does not take.</exception>
    public static BpeTokenizer Parse(ReadOnlyMemory<byte> json, string name) => new(BpeTokenizerFile.Parse(json, name));

    /// <inheritdoc/>
    public ReadOnlySpan<byte> BytesOf(int id) => _tokens[id];

    /// <inheritdoc/>
    public void Encode(ReadOnlySpan<byte> utf8, ICollection<int> ids)
    {
        var workspace = new BpeMerges.Workspace();
        while (!utf8.IsEmpty)
        {
            var start = _rawTokens.Find(utf8, out var length, out var id);
            EncodeBytes(utf8[..start], workspace, ids);
            if (length > 0)
            {
                ids.Add(id);
            }

            utf8 = utf8[(start + length)..];
        }
    }

    /// <inheritdoc/>
    public int? SettledLength(ReadOnlySpan<byte> utf8)
    {
        // What follows can lengthen the last piece, and take an apostrophe before it away from its own.
        var (settled, last, end) = (0, 0, 0);
        for (var rest = utf8[..Run(utf8, isValid: true)]; !rest.IsEmpty;)
        {
            var piece = WordSplitter.FirstPiece(rest);
            (settled, last, end) = (last, end, end + piece);
            rest = rest[piece..];
        }

        return settled;
    }

    // Text and what is no text take turns.
    private void EncodeBytes(ReadOnlySpan<byte> bytes, BpeMerges.Workspace workspace, ICollection<int> ids)
    {
        while (!bytes.IsEmpty)
        {
            var valid = Run(bytes, isValid: true);
            EncodeText(bytes[..valid], workspace, ids);
            bytes = bytes[valid..];

            var invalid = Run(bytes, isValid: false);
            EncodeInvalid(bytes[..invalid], workspace, ids);
            bytes = bytes[invalid..];
        }
    }

    private void EncodeInvalid(ReadOnlySpan<byte> bytes, BpeMerges.Workspace workspace, ICollection<int> ids)
    {
        while (!bytes.IsEmpty)
        {
            var known = 0;
            while (known < bytes.Length && _merges.Knows(bytes[known]))
            {
                known++;
            }

            _merges.Encode(bytes[..known], workspace, ids);
            bytes = bytes[known..];
            if (!bytes.IsEmpty)
            {
                _merges.Encode("\uFFFD"u8, workspace, ids);
                bytes = bytes[1..];
            }
        }
    }

    private void EncodeText(ReadOnlySpan<byte> text, BpeMerges.Workspace workspace, ICollection<int> ids)
    {
        text = _normalizes ? CanonicalComposition.Compose(text) : text;
        while (!text.IsEmpty)
        {
            var start = _normalizedTokens.Find(text, out var length, out var id);
            for (var rest = text[..start]; !rest.IsEmpty;)
            {
                var piece = WordSplitter.FirstPiece(rest);
                _merges.Encode(rest[..piece], workspace, ids);
                rest = rest[piece..];
            }

            if (length > 0)
            {
                ids.Add(id);
            }

            text = text[(start + length)..];
        }
    }

    private static int Run(ReadOnlySpan<byte> bytes, bool isValid)
    {
        var run = 0;
        while (run < bytes.Length)
        {
            if (bytes[run] < 0x80)
            {
                if (!isValid)
                {
                    break;
                }

                run++;
                continue;
            }

            var status = Rune.DecodeFromUtf8(bytes[run..], out _, out var length);
            if (status == System.Buffers.OperationStatus.Done != isValid)
            {
                break;
            }

            run += length;
        }

        return run;
    }
}
