using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace RwkvSk.Engine.Tokenization;

/// <summary>One entry of a tokenizer.json's added_tokens.</summary>
/// <param name="Text">What is looked for, in UTF-8.</param>
/// <param name="Id">Its id.</param>
/// <param name="Normalized">Whether it is looked for in the normalised text; otherwise in the text as given.</param>
internal sealed record AddedToken(byte[] Text, int Id, bool Normalized);

/// <summary>A tokenizer.json of Hugging Face's tokenizers library, as far as it describes a plain byte-level BPE. Anything else in it is refused, not skipped.</summary>
/// <param name="Tokens">The bytes of every id; none for special tokens.</param>
/// <param name="Merges">What may be merged.</param>
/// <param name="AddedTokens">What is cut out first.</param>
/// <param name="Normalizes">Whether text is brought to NFC.</param>
/// <param name="Fingerprint">SHA-256 over the file.</param>
internal sealed record BpeTokenizerFile(TokenTable Tokens, BpeMerges Merges, IReadOnlyList<AddedToken> AddedTokens, bool Normalizes, byte[] Fingerprint)
{
    /// <summary>Reads the file's content.</summary>
    /// <exception cref="ModelFormatException">Names the file, and what was expected and found.</exception>
    public static BpeTokenizerFile Parse(ReadOnlyMemory<byte> json, string name)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return Read(document.RootElement, [.. "byte-level BPE"u8, .. SHA256.HashData(json.Span)]);
        }
        catch (Exception error) when (error is JsonException or FormatException or InvalidOperationException or KeyNotFoundException)
        {
            throw new ModelFormatException($"{name} is no byte-level BPE tokenizer: {error.Message}", error);
        }
    }

    private static BpeTokenizerFile Read(JsonElement root, byte[] salt)
    {
        var model = Required(root, "model");
        Expect(model, "type", "BPE");
        ExpectUnset(model, "continuing_subword_prefix", "end_of_word_suffix", "byte_fallback", "dropout", "ignore_merges");
        ExpectByteLevel(Required(root, "pre_tokenizer"));

        var ids = Required(model, "vocab").EnumerateObject().ToDictionary(entry => entry.Name, entry => Id(entry.Value), StringComparer.Ordinal);
        var tokens = new List<byte[]?>();
        foreach (var (text, id) in ids)
        {
            Put(tokens, id, ByteLevelAlphabet.ToBytes(text));
        }

        var added = ReadAdded(root, tokens);
        return new BpeTokenizerFile(new TokenTable(tokens), ReadMerges(model, ids), added, ReadNormalizer(root), SHA256.HashData(salt));
    }

    private static List<AddedToken> ReadAdded(JsonElement root, List<byte[]?> tokens)
    {
        var added = new List<AddedToken>();
        if (!root.TryGetProperty("added_tokens", out var entries) || entries.ValueKind == JsonValueKind.Null)
        {
            return added;
        }

        foreach (var entry in entries.EnumerateArray())
        {
            ExpectUnset(entry, "single_word", "lstrip", "rstrip");
            var text = Encoding.UTF8.GetBytes(Required(entry, "content").GetString() ?? "");
            var id = Id(Required(entry, "id"));
            if (text.Length == 0 || added.Exists(other => other.Text.AsSpan().SequenceEqual(text)))
            {
                throw new FormatException($"the added token {id} is empty or there twice");
            }

            // It may stand in the model's vocabulary as well; what it says here counts.
            Put(tokens, id, null);
            tokens[id] = IsTrue(entry, "special") ? null : text;
            added.Add(new AddedToken(text, id, IsTrue(entry, "normalized")));
        }

        return added;
    }

    private static BpeMerges ReadMerges(JsonElement model, Dictionary<string, int> ids)
    {
        var byteIds = new int[256];
        for (var value = 0; value < 256; value++)
        {
            // GPT-NeoX's file leaves out the bytes that no UTF-8 contains; all others must be there.
            var token = ByteLevelAlphabet.ToCharacter((byte)value).ToString();
            byteIds[value] = value is 0xC0 or 0xC1 or >= 0xF5 ? ids.GetValueOrDefault(token, BpeMerges.None) : IdOf(ids, token);
        }

        var merges = new Dictionary<(int, int), (int, int)>();
        var rank = 0;
        foreach (var entry in Required(model, "merges").EnumerateArray())
        {
            // Either "left right" or ["left", "right"].
            var parts = entry.ValueKind == JsonValueKind.Array ? [.. entry.EnumerateArray().Select(part => part.GetString()!)] : entry.GetString()!.Split(' ');
            if (parts.Length != 2)
            {
                throw new FormatException($"the merge {entry.GetRawText()} does not have two parts");
            }

            merges[(IdOf(ids, parts[0]), IdOf(ids, parts[1]))] = (rank++, IdOf(ids, parts[0] + parts[1]));
        }

        return new BpeMerges(byteIds, merges);
    }

    private static bool ReadNormalizer(JsonElement root)
    {
        if (!root.TryGetProperty("normalizer", out var normalizer) || normalizer.ValueKind == JsonValueKind.Null)
        {
            return false;
        }

        Expect(normalizer, "type", "NFC");
        return true;
    }

    private static void ExpectByteLevel(JsonElement preTokenizer)
    {
        Expect(preTokenizer, "type", "ByteLevel");
        ExpectUnset(preTokenizer, "add_prefix_space");
        if (preTokenizer.TryGetProperty("use_regex", out var usesRegex) && usesRegex.ValueKind == JsonValueKind.False)
        {
            throw new FormatException("its pre_tokenizer does not split words");
        }
    }

    private static void Put(List<byte[]?> tokens, int id, byte[]? bytes)
    {
        while (tokens.Count <= id)
        {
            tokens.Add(null);
        }

        if (bytes is not null)
        {
            tokens[id] = tokens[id] is null ? bytes : throw new FormatException($"id {id} appears for the second time");
        }
    }

    private static int Id(JsonElement element) =>
        element.TryGetInt32(out var id) && id is >= 0 and <= TokenTable.MaximumId ? id : throw new FormatException($"the id {element.GetRawText()} is outside of 0 to {TokenTable.MaximumId}");

    private static int IdOf(Dictionary<string, int> ids, string token) =>
        ids.TryGetValue(token, out var id) ? id : throw new FormatException($"'{token}' is not in its vocabulary");

    private static JsonElement Required(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) ? value : throw new FormatException($"'{name}' is missing");

    private static void Expect(JsonElement element, string name, string expected)
    {
        var found = Required(element, name).GetString();
        if (found != expected)
        {
            throw new FormatException($"'{name}' is '{found}', expected '{expected}'");
        }
    }

    private static void ExpectUnset(JsonElement element, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (element.TryGetProperty(name, out var value)
                && value.ValueKind is not (JsonValueKind.Null or JsonValueKind.False)
                && value.ToString() is not ("" or "0" or "0.0"))
            {
                throw new FormatException($"'{name}' is {value.GetRawText()}, which is not supported");
            }
        }
    }

    private static bool IsTrue(JsonElement element, string name) => element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.True;
}
