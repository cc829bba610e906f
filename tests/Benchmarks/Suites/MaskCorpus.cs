using RwkvSk.Benchmarks.Harness;
using RwkvSk.Engine.Constraints;
using RwkvSk.Engine.Constraints.Masks;
using RwkvSk.Engine.Tests.Constraints;
using RwkvSk.Engine.Tokenization;

namespace RwkvSk.Benchmarks.Suites;

/// <summary>
/// What masks cost token by token over the corpus of generated schemas, when a model writes that knows nothing: every state is visited, none is visited often. A
/// token is what the loop does with one: look for what is forced, mask, and move on. Processor time of the thread, so that a busy machine does not count.
/// </summary>
internal sealed class MaskCorpus
{
    private const int MostTokens = 150;
    private const int Hurry = 60;   // from here on, what closes something is likely, so that answers end
    private const int WarmUp = 20;

    private readonly VocabularyTrie _trie;
    private readonly int[] _closing;
    private readonly float[] _noise;
    private readonly float[] _logits;
    private readonly List<int> _forced = [];
    private readonly Random _random = new(7);

    public MaskCorpus(ITokenizer tokenizer)
    {
        _trie = new VocabularyTrie(tokenizer);
        _closing = [.. Enumerable.Range(0, tokenizer.VocabularySize).Where(id => tokenizer.BytesOf(id) is [(byte)'"' or (byte)'}' or (byte)']'])];
        _logits = new float[tokenizer.VocabularySize];

        // Noise is dear to make: it is made once and read from another place for every token.
        _noise = new float[2 * _logits.Length];
        for (var i = 0; i < _noise.Length; i++)
        {
            _noise[i] = 8 * _random.NextSingle();
        }
    }

    /// <summary>Writes two answers under every schema.</summary>
    public IReadOnlyList<Value> Run(int schemas)
    {
        for (var seed = -WarmUp; seed < 0; seed++)
        {
            Write(Compile(seed), []);
        }

        var (compiling, first, second) = (new List<double>(), new List<double>(), new List<double>());
        for (var seed = 0; seed < schemas; seed++)
        {
            var begin = ThreadClock.Milliseconds;
            var constraint = Compile(seed);
            _ = constraint.Start(_trie);
            compiling.Add(ThreadClock.Milliseconds - begin);
            Write(constraint, first);
            Write(constraint, second);
        }

        return [.. Values("schema compiled and bound", compiling), .. Values("token, first answer under a schema", first), .. Values("token, second answer under a schema", second)];
    }

    private static Constraint Compile(int seed) => Constraint.FromJsonSchema(new SchemaGenerator(seed).Document().Schema.ToJsonString());

    private void Write(Constraint constraint, List<double> times)
    {
        var cursor = constraint.Start(_trie);
        for (var i = 0; i < MostTokens && !cursor.MustEnd; i++)
        {
            _noise.AsSpan(_random.Next(_logits.Length), _logits.Length).CopyTo(_logits);
            if (i >= Hurry)
            {
                Array.ForEach(_closing, id => _logits[id] += 12);
            }

            _forced.Clear();
            var begin = ThreadClock.Milliseconds;
            var isForced = cursor.TryForced(_forced);
            if (!isForced)
            {
                cursor.Mask(_logits);
            }

            var mask = ThreadClock.Milliseconds - begin;
            if (!isForced)
            {
                var best = System.Numerics.Tensors.TensorPrimitives.IndexOfMax<float>(_logits);
                if (float.IsNegativeInfinity(_logits[best]))
                {
                    break;   // nothing may follow: the answer ends
                }

                _forced.Add(best);
            }

            begin = ThreadClock.Milliseconds;
            foreach (var id in _forced)
            {
                cursor.Accept(id);
            }

            times.Add((mask + ThreadClock.Milliseconds - begin) / _forced.Count);
        }
    }

    private static IEnumerable<Value> Values(string what, List<double> times)
    {
        times.Sort();
        return
        [
            new($"{what}: median of {times.Count}", times[times.Count / 2], "ms"),
            new($"{what}: 99th percentile", times[times.Count * 99 / 100], "ms"),
            new($"{what}: most", times[^1], "ms"),
        ];
    }
}
