using System.Text;
using RwkvSk.Engine.Tokenization;
using RwkvSk.Trainer.Data;

namespace RwkvSk.Samples.Tests.Data;

/// <summary>Longest match over a vocabulary's pieces, written in the slowest way that is fast enough for tests.</summary>
internal sealed class PieceTokenizer(IReadOnlyList<byte[]> pieces) : ITokenizer
{
    private readonly Dictionary<string, int> _ids = pieces.Select((p, i) => (Key: Encoding.Latin1.GetString(p), Id: i + 1)).ToDictionary(x => x.Key, x => x.Id, StringComparer.Ordinal);
    private readonly int _longest = pieces.Max(p => p.Length);

    public int VocabularySize => pieces.Count + 1;

    public ReadOnlySpan<byte> Fingerprint => [];

    /// <summary>The vocabulary of some thousand training rows.</summary>
    public static PieceTokenizer Trained { get; } = new(VocabularyBuilder.Choose(Samples.Segments(1, 1500)));

    public void Encode(ReadOnlySpan<byte> utf8, ICollection<int> ids)
    {
        var text = Encoding.Latin1.GetString(utf8);
        for (var at = 0; at < text.Length;)
        {
            var length = Math.Min(_longest, text.Length - at);
            while (!_ids.ContainsKey(text.Substring(at, length)))
            {
                length--;
            }

            ids.Add(_ids[text.Substring(at, length)]);
            at += length;
        }
    }

    public ReadOnlySpan<byte> BytesOf(int id) => id > 0 && id <= pieces.Count ? pieces[id - 1] : [];

    public IReadOnlyList<int> Encode(string text)
    {
        var ids = new List<int>();
        Encode(Encoding.UTF8.GetBytes(text), ids);
        return ids;
    }

    public string Decode(IEnumerable<int> ids) => Encoding.UTF8.GetString([.. ids.SelectMany(id => BytesOf(id).ToArray())]);
}
