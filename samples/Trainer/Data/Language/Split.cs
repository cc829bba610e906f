namespace RwkvSk.Trainer.Data;

/// <summary>Which part of every table of wordings, names and nouns may be used: training never sees what evaluation asks with.</summary>
internal enum Split
{
    /// <summary>Four entries of every five.</summary>
    Training,

    /// <summary>Every fifth entry.</summary>
    HeldOut,
}

/// <summary>A table of choices of which every fifth entry is kept for evaluation.</summary>
internal sealed class SplitTable<T>
{
    private readonly IReadOnlyList<T> _training;
    private readonly IReadOnlyList<T> _heldOut;

    public SplitTable(params IReadOnlyList<T> entries)
        : this([.. entries.Where((_, i) => i % 5 != 4)], [.. entries.Where((_, i) => i % 5 == 4)])
    {
    }

    private SplitTable(IReadOnlyList<T> training, IReadOnlyList<T> heldOut) => (_training, _heldOut) = (training, heldOut);

    /// <summary>The same table with more to train on; what is held out stays as it is.</summary>
    public SplitTable<T> TrainedWith(params IReadOnlyList<T> more) => new([.. _training, .. more], _heldOut);

    public IReadOnlyList<T> this[Split split] => split == Split.Training ? _training : _heldOut;
}
