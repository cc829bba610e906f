using RwkvSk.Engine.Prompts;
using RwkvSk.Engine.Sampling;
using RwkvSk.Engine.Scheduling;
using RwkvSk.Engine.States;

namespace RwkvSk.TestKit;

/// <summary>
/// Any runner, as one that chooses tokens beside its logits: the most likely one by a loop, others with a sampler that is new for every token and knows of the row's choice alone.
/// </summary>
internal sealed class ChoosingRunner(IModelRunner inner) : IModelRunner, ITokenChooser
{
    private readonly List<BatchRow> _rows = [];
    private readonly float[] _logits = new float[inner.SlotCount * inner.VocabularySize];
    private readonly SamplingVocabulary _everything = new(ByteTokenizer.Instance, inner.VocabularySize, [.. Enumerable.Range(0, inner.VocabularySize)]);
    private Batch? _batch;   // over the rows, which are used again
    private int[] _forbidden = [];

    /// <summary>What was forbidden.</summary>
    public IReadOnlyList<int> Forbidden => _forbidden;

    /// <summary>Rows whose token was chosen here.</summary>
    public int Chosen { get; private set; }

    /// <summary>Rows that came with others and wanted their logits.</summary>
    public int Beside { get; private set; }

    /// <summary>Rows of decode steps in which nothing was chosen here.</summary>
    public int Undecided { get; private set; }

    public ITokenChooser Chooser => this;

    public StateLayout Layout => inner.Layout;

    public int VocabularySize => inner.VocabularySize;

    public int SlotCount => inner.SlotCount;

    public int PositionsPerImage => inner.PositionsPerImage;

    public ReadOnlySpan<byte> Fingerprint => inner.Fingerprint;

    public Digest ContentOf(ImageSegment image) => inner.ContentOf(image);

    public IImageEmbeddings EncodeImage(ImageSegment image) => inner.EncodeImage(image);

    public void Forbid(ReadOnlySpan<int> tokens) => _forbidden = [.. tokens];

    public void Decode(IReadOnlyList<BatchRow> rows, Span<float> logits, Span<ChosenToken> chosen)
    {
        _rows.Clear();
        var wanted = 0;
        for (var i = 0; i < rows.Count; i++)
        {
            var isWanted = rows[i].WantLogits || rows[i].Choice is not null;
            _rows.Add(rows[i] with { WantLogits = isWanted, Choice = null });
            wanted += isWanted ? 1 : 0;
        }

        var all = _logits.AsSpan(0, wanted * VocabularySize);
        inner.Step(_batch ??= new Batch(Phase.Decode, _rows), all);
        for (var i = 0; i < rows.Count; i++)
        {
            if (rows[i].Choice is { } choice)
            {
                chosen[i] = Choose(choice, all[..VocabularySize]);
                Chosen++;
            }
            else if (rows[i].WantLogits)
            {
                all[..VocabularySize].CopyTo(logits);
                logits = logits[VocabularySize..];
                Beside++;
            }

            all = _rows[i].WantLogits ? all[VocabularySize..] : all;
        }

        if (logits.Length > 0)
        {
            throw new InvalidOperationException($"there was room for {logits.Length} logits that nobody wanted");
        }
    }

    public void Step(Batch batch, Span<float> logits)
    {
        for (var i = 0; i < batch.Rows.Count; i++)
        {
            if (batch.Rows[i].Choice is not null)
            {
                throw new InvalidOperationException("a row says how its token is chosen in a step that chooses none");
            }
        }

        Undecided += batch.Phase == Phase.Decode ? batch.Rows.Count : 0;
        inner.Step(batch, logits);
    }

    public void Reset(int slot) => inner.Reset(slot);

    public StateSnapshot Capture(int slot, long position) => inner.Capture(slot, position);

    public void Recycle(StateSnapshot snapshot) => inner.Recycle(snapshot);

    public void Restore(int slot, StateSnapshot snapshot) => inner.Restore(slot, snapshot);

    public void Dispose() => inner.Dispose();

    private ChosenToken Choose(in TokenChoice choice, Span<float> logits)
    {
        foreach (var id in _forbidden)
        {
            logits[id] = float.NegativeInfinity;
        }

        var best = ChosenToken.None;
        for (var id = 0; id < logits.Length; id++)
        {
            if (float.IsNaN(logits[id]))
            {
                return new ChosenToken(ChosenToken.None, choice.Drawn);
            }

            best = logits[id] > (best < 0 ? float.NegativeInfinity : logits[best]) ? id : best;
        }

        if (best == ChosenToken.None || choice.Temperature == 0)
        {
            return new ChosenToken(best, choice.Drawn);
        }

        // A generator that starts where so many numbers are used up.
        var seed = (long)(choice.Seed + (choice.Drawn * 0x9E3779B97F4A7C15));
        var sampler = new Sampler(new SamplingOptions { Temperature = choice.Temperature, TopP = choice.TopP, TopK = choice.TopK, Seed = seed }, _everything);
        return new ChosenToken(sampler.Sample(logits), choice.Drawn + 1);
    }
}
