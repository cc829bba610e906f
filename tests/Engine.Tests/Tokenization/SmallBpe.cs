using System.Text.Json;
using System.Text.Json.Nodes;
using RwkvSk.Engine.Tokenization;

namespace RwkvSk.Engine.Tests.Tokenization;

/// <summary>A tokenizer.json of our own in the shape of GPT-NeoX's: bytes, a few dozen merges, a special token, and runs of spaces as added tokens.</summary>
internal static class SmallBpe
{
    private static readonly string[][] Merges =
    [
        .. """
        t h
        h e
        th e
        Ġ the
        Ġ t
        i n
        in g
        a n
        an d
        Ġ and
        H e
        l l
        He ll
        Hell o
        Ġ w
        o r
        Ġw or
        l d
        Ġwor ld
        Ċ Ċ
        a a
        aa aa
        aa a
        Ã ©
        c a
        ca f
        caf Ã©
        ð Ł
        ðŁ ĺ
        1 2
        12 3
        ' s
        """.ReplaceLineEndings("\n").Split('\n').Select(line => line.Split(' ')),
    ];

    /// <summary>Ids: 0 end of text, 1 padding, then the bytes that UTF-8 can contain, the merges, and two to four spaces.</summary>
    public static JsonObject Json()
    {
        var vocabulary = new List<string> { "<|endoftext|>", "<|padding|>" };
        vocabulary.AddRange(Enumerable.Range(0, 256).Where(value => value is not (0xC0 or 0xC1 or >= 0xF5)).Select(value => ByteLevelAlphabet.ToCharacter((byte)value).ToString()));
        vocabulary.AddRange(Merges.Select(pair => string.Concat(pair)));
        var spaces = new[] { 4, 3, 2 }.Select((count, i) => Added(vocabulary.Count + i, new string(' ', count), special: false));
        return new JsonObject
        {
            ["version"] = "1.0",
            ["added_tokens"] = new JsonArray([Added(0, "<|endoftext|>", special: true), Added(1, "<|padding|>", special: true), .. spaces]),
            ["normalizer"] = new JsonObject { ["type"] = "NFC" },
            ["pre_tokenizer"] = new JsonObject { ["type"] = "ByteLevel", ["add_prefix_space"] = false, ["trim_offsets"] = true },
            ["model"] = new JsonObject
            {
                ["type"] = "BPE",
                ["dropout"] = null,
                ["unk_token"] = null,
                ["vocab"] = new JsonObject(vocabulary.Select((token, id) => KeyValuePair.Create(token, (JsonNode?)id))),
                ["merges"] = new JsonArray([.. Merges.Select(pair => (JsonNode)string.Join(' ', pair))]),
            },
        };
    }

    private static readonly JsonNode Vocabulary = Json()["model"]!["vocab"]!;

    public static BpeTokenizer Tokenizer { get; } = Parse(Json());

    public static BpeTokenizer Parse(JsonObject json) => BpeTokenizer.Parse(JsonSerializer.SerializeToUtf8Bytes(json), "tokenizer.json");

    /// <summary>The id of a token by the text that the file spells it with.</summary>
    public static int IdOf(string token) => Vocabulary[token]!.GetValue<int>();

    /// <summary>The same merges by their definition: find the best pair, merge it, begin again.</summary>
    public static List<int> Plain(byte[] piece)
    {
        var parts = piece.Select(value => ByteLevelAlphabet.ToCharacter(value).ToString()).ToList();
        while (true)
        {
            var best = -1;
            var bestRank = int.MaxValue;
            for (var i = 0; i + 1 < parts.Count; i++)
            {
                var rank = Array.FindIndex(Merges, pair => pair[0] == parts[i] && pair[1] == parts[i + 1]);
                if (rank >= 0 && rank < bestRank)
                {
                    (best, bestRank) = (i, rank);
                }
            }

            if (best < 0)
            {
                return [.. parts.Select(IdOf)];
            }

            parts[best] += parts[best + 1];
            parts.RemoveAt(best + 1);
        }
    }

    private static JsonObject Added(int id, string content, bool special) => new()
    {
        ["id"] = id,
        ["content"] = content,
        ["special"] = special,
        ["normalized"] = !special,
        ["single_word"] = false,
        ["lstrip"] = false,
        ["rstrip"] = false,
    };
}
