namespace RwkvSk.Engine.States;

/// <summary>
/// Kept states by what was read. A state exists only where it was captured, so this is a dictionary over boundaries and not a tree of tokens.
/// Room is made before a state is copied, so the budget is never passed. What goes first is what costs least to read again per byte, unless it was
/// used lately: value = clock + uses x replay cost / bytes, where the clock is the value of the last one that went. Nothing here looks at the time, so
/// equal calls evict equally. Not safe from several threads: the engine's loop owns it.
/// </summary>
/// <param name="budget">Most bytes to hold; 0 keeps nothing.</param>
internal sealed class PrefixCache(long budget)
{
    /// <summary>What an entry costs beside its numbers: key, links, object headers.</summary>
    public const int EntryOverhead = 256;

    private readonly Dictionary<PrefixKey, Entry> _entries = [];
    private double _clock;
    private long _order;
    private long _bytes;

    /// <summary>Bytes held.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>States held.</summary>
    public int Count => _entries.Count;

    /// <summary>Grows with every state that is added: as long as it stands still, a failed search need not be repeated.</summary>
    public long Version { get; private set; }

    /// <summary>States that had to go.</summary>
    public long Evictions { get; private set; }

    /// <summary>Whether a state with its overhead fits at all.</summary>
    public bool CouldHold(StateLayout layout) => layout.Bytes + EntryOverhead <= budget;

    /// <summary>Whether the state is held; not counted as a use.</summary>
    public bool Contains(PrefixKey key) => _entries.ContainsKey(key);

    /// <summary>The state after reading what <paramref name="key"/> names, or null. Counts as a use.</summary>
    public StateSnapshot? Find(PrefixKey key)
    {
        if (!_entries.TryGetValue(key, out var entry))
        {
            return null;
        }

        entry.Uses++;
        entry.Clock = _clock;
        entry.Order = _order++;
        return entry.Snapshot;
    }

    /// <summary>Makes room, then takes a state in; says whether it is held now.</summary>
    /// <param name="key">What the state has read.</param>
    /// <param name="parent">The boundary it was read on from; what it costs to read again counts from there while that one is held.</param>
    /// <param name="replayCost">Positions from <paramref name="parent"/> on, or what weighs as much.</param>
    /// <param name="layout">The state's size, known before it is copied.</param>
    /// <param name="capture">Copies the state; not called when it is held already or cannot be.</param>
    public bool TryAdd(PrefixKey key, PrefixKey? parent, long replayCost, StateLayout layout, Func<StateSnapshot> capture)
    {
        if (_entries.ContainsKey(key))
        {
            return true;
        }

        var bytes = layout.Bytes + EntryOverhead;
        if (bytes > budget)
        {
            return false;
        }

        while (_bytes + bytes > budget)
        {
            EvictOne();
        }

        var entry = new Entry(key, bytes, capture()) { Parent = parent, Cost = replayCost, Clock = _clock, Order = _order++ };
        _entries.Add(key, entry);
        Volatile.Write(ref _bytes, _bytes + bytes);
        Version++;
        return true;
    }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        _entries.Clear();
        Volatile.Write(ref _bytes, 0);
    }

    private void EvictOne()
    {
        Entry? least = null;
        foreach (var entry in _entries.Values)
        {
            if (least is null || entry.Value < least.Value || (entry.Value == least.Value && entry.Order < least.Order))
            {
                least = entry;
            }
        }

        _clock = least!.Value;
        _entries.Remove(least.Key);
        Volatile.Write(ref _bytes, _bytes - least.Bytes);
        Evictions++;

        // Whoever was read on from the one that goes is now further from anything kept.
        foreach (var entry in _entries.Values)
        {
            if (entry.Parent == least.Key)
            {
                entry.Parent = least.Parent;
                entry.Cost += least.Cost;
            }
        }
    }

    private sealed class Entry(PrefixKey key, long bytes, StateSnapshot snapshot)
    {
        public PrefixKey Key => key;

        public long Bytes => bytes;

        public StateSnapshot Snapshot => snapshot;

        public PrefixKey? Parent { get; set; }

        public long Cost { get; set; }

        public long Uses { get; set; } = 1;

        public double Clock { get; set; }

        public long Order { get; set; }

        public double Value => Clock + ((double)Uses * Cost / bytes);
    }
}
