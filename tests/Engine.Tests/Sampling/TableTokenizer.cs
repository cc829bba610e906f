using System.Text;
using RwkvSk.Engine.Tokenization;

namespace RwkvSk.Engine.Tests.Sampling;

/// <summary>Ids with given bytes, for whoever needs no encoding.</summary>
internal sealed class TableTokenizer(int size, Func<int, byte[]> bytesOf) : ITokenizer
{
    private readonly byte[][] _tokens = [.. Enumerable.Range(0, size).Select(bytesOf)];

    public int VocabularySize => size;

    public ReadOnlySpan<byte> Fingerprint => "table"u8;

    public static TableTokenizer OfWords(int size) => new(size, id => Encoding.UTF8.GetBytes($"word{id}"));

    public void Encode(ReadOnlySpan<byte> utf8, ICollection<int> ids) => throw new NotSupportedException();

    public ReadOnlySpan<byte> BytesOf(int id) => (uint)id < (uint)size ? _tokens[id] : [];
}
