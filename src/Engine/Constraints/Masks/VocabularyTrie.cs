using System.Runtime.CompilerServices;
using RwkvSk.Engine.Constraints.Grammars;
using RwkvSk.Engine.Tokenization;

namespace RwkvSk.Engine.Constraints.Masks;

/// <summary>
/// The vocabulary as a tree of bytes, in preorder: the nodes under a node are the ones that follow it, so a walk is one pass over arrays and
/// leaving a subtree is one jump. Made once per engine; the tree itself is built when a constraint first asks for it. Safe from any thread.
/// </summary>
internal sealed class VocabularyTrie
{
    private readonly ITokenizer _tokenizer;
    private readonly Lazy<Nodes> _nodes;
    private readonly ConditionalWeakTable<ByteTable, TableMasks> _masks = [];

    public VocabularyTrie(ITokenizer tokenizer)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        _tokenizer = tokenizer;
        _nodes = new(() => Build(tokenizer));
    }

    /// <summary>One more than the largest token id.</summary>
    public int VocabularySize => _tokenizer.VocabularySize;

    /// <summary>Length of the longest token in bytes.</summary>
    public int LongestToken => _nodes.Value.LongestToken;

    /// <summary>Node count; node 0 is the root, which has no byte.</summary>
    public int NodeCount => _nodes.Value.Labels.Length;

    /// <summary>The byte that leads to a node, by node.</summary>
    public ReadOnlySpan<byte> Labels => _nodes.Value.Labels;

    /// <summary>How many bytes lead to a node, by node.</summary>
    public ReadOnlySpan<byte> Depths => _nodes.Value.Depths;

    /// <summary>The first node that is not under a node, by node.</summary>
    public ReadOnlySpan<int> Ends => _nodes.Value.Ends;

    /// <summary>The token that ends at a node, or -1, by node.</summary>
    public ReadOnlySpan<int> Tokens => _nodes.Value.Tokens;

    /// <summary>The next token with the same bytes, or -1, by token.</summary>
    public ReadOnlySpan<int> Twins => _nodes.Value.Twins;

    public ReadOnlySpan<byte> BytesOf(int id) => id >= 0 && id < VocabularySize ? _tokenizer.BytesOf(id) : default;

    /// <inheritdoc cref="ITokenizer.SettledLength"/>
    public int? SettledLength(ReadOnlySpan<byte> utf8) => _tokenizer.SettledLength(utf8);

    /// <summary>Appends the tokens that the tokenizer makes of a text.</summary>
    public void Encode(ReadOnlySpan<byte> utf8, ICollection<int> ids) => _tokenizer.Encode(utf8, ids);

    /// <summary>The masks of one automaton over this vocabulary, shared by every constraint that uses it.</summary>
    public TableMasks MasksOf(ByteTable table) => _masks.GetValue(table, t => new TableMasks(this, t));

    /// <summary>The child of <paramref name="node"/> under <paramref name="value"/>, or -1.</summary>
    public int Child(int node, byte value)
    {
        var nodes = _nodes.Value;
        for (var child = node + 1; child < nodes.Ends[node]; child = nodes.Ends[child])
        {
            if (nodes.Labels[child] >= value)
            {
                return nodes.Labels[child] == value ? child : -1;
            }
        }

        return -1;
    }

    /// <summary>Whether <paramref name="value"/> alone is a token, so that any text with it can be spelled.</summary>
    public bool HasByte(byte value) => Child(0, value) is var child and >= 0 && Tokens[child] >= 0;

    private static Nodes Build(ITokenizer tokenizer)
    {
        var tokens = new List<(byte[] Bytes, int Id)>(tokenizer.VocabularySize);
        for (var id = 0; id < tokenizer.VocabularySize; id++)
        {
            var bytes = tokenizer.BytesOf(id);
            if (bytes.Length > byte.MaxValue)
            {
                throw new ModelFormatException($"token {id} has {bytes.Length} bytes, at most {byte.MaxValue} are supported");
            }

            if (bytes.Length > 0)
            {
                tokens.Add((bytes.ToArray(), id));
            }
        }

        tokens.Sort(static (a, b) => a.Bytes.AsSpan().SequenceCompareTo(b.Bytes) is var order and not 0 ? order : a.Id.CompareTo(b.Id));
        return new Layout(tokenizer.VocabularySize).Fill(tokens);
    }

    private sealed record Nodes(byte[] Labels, byte[] Depths, int[] Ends, int[] Tokens, int[] Twins, int LongestToken);

    /// <summary>Lays sorted tokens out in preorder.</summary>
    private sealed class Layout
    {
        private readonly List<byte> _labels = [0];
        private readonly List<byte> _depths = [0];
        private readonly List<int> _ends = [0];
        private readonly List<int> _tokens = [-1];
        private readonly List<int> _path = [0];
        private readonly int[] _twins;

        public Layout(int vocabularySize)
        {
            _twins = new int[vocabularySize];
            Array.Fill(_twins, -1);
        }

        public Nodes Fill(List<(byte[] Bytes, int Id)> tokens)
        {
            byte[] previous = [];
            var last = -1;
            foreach (var (bytes, id) in tokens)
            {
                var shared = bytes.AsSpan().CommonPrefixLength(previous);
                if (shared == bytes.Length && shared == previous.Length)
                {
                    _twins[last] = id;
                }
                else
                {
                    Close(shared);
                    foreach (var value in bytes.AsSpan(shared))
                    {
                        _path.Add(_labels.Count);
                        _labels.Add(value);
                        _depths.Add((byte)(_path.Count - 1));
                        _ends.Add(0);
                        _tokens.Add(-1);
                    }

                    _tokens[^1] = id;
                }

                (previous, last) = (bytes, id);
            }

            Close(0);
            _ends[0] = _labels.Count;
            return new([.. _labels], [.. _depths], [.. _ends], [.. _tokens], _twins, _depths.Max());
        }

        private void Close(int depth)
        {
            while (_path.Count > depth + 1)
            {
                _ends[_path[^1]] = _labels.Count;
                _path.RemoveAt(_path.Count - 1);
            }
        }
    }
}
