namespace RwkvSk.Engine.States;

/// <summary>
/// Kept states by what was read. A state exists only where it was captured, so this is a dictionary over boundaries and not a tree of tokens.
/// Room is made before a state is copied, so the budget is never passed. What goes first is what costs least to read again per byte, unless it was
/// used lately: value = clock + uses x replay cost / bytes, where the clock is the value of the last one that went. Pinned states stay and count. Nothing
/// here looks at the time, so equal calls evict equally. Not safe from several threads: the engine's loop owns it.
/// </summary>
/// <param name="budget">Most bytes to hold; 0 keeps nothing.</param>
/// <param name="scopeBudget">Most bytes of one scope; what belongs to none is bound by <paramref name="budget"/> alone.</param>
/// <param name="policy">Who goes first.</param>
/// <param name="recycle">Takes states that are dropped and that nobody else has ever seen: their numbers may be written again.</param>
internal sealed class PrefixCache(
    long budget, long scopeBudget = long.MaxValue, EvictionPolicy policy = EvictionPolicy.ReplayCost, Action<StateSnapshot>? recycle = null)
{
    /// <summary>What an entry costs beside its numbers: key, links, object headers.</summary>
    public const int EntryOverhead = 256;

    private readonly Dictionary<PrefixKey, Entry> _entries = [];
    private readonly Dictionary<PrefixKey, Account> _scopes = [];
    private double _clock;
    private long _order;
    private long _bytes;
    private long _pinned;

    /// <summary>Bytes held.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Bytes held that nothing evicts.</summary>
    public long PinnedBytes => Volatile.Read(ref _pinned);

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
        entry.IsShared = true;
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
    /// <param name="scope">Whose it is; null for nobody's in particular.</param>
    /// <param name="isShared">Whether anybody but the cache holds the state.</param>
    public bool TryAdd(PrefixKey key, PrefixKey? parent, long replayCost, StateLayout layout, Func<StateSnapshot> capture, PrefixKey? scope = null, bool isShared = true)
    {
        if (_entries.ContainsKey(key))
        {
            return true;
        }

        var bytes = layout.Bytes + EntryOverhead;
        if (!MakeRoom(bytes, scope))
        {
            return false;
        }

        var entry = new Entry(key, bytes, scope, capture()) { Parent = parent, Cost = replayCost, Clock = _clock, Order = _order++, IsShared = isShared };
        _entries.Add(key, entry);
        CountBytes(entry, bytes);
        Version++;
        return true;
    }

    /// <summary>Holds a state until it is unpinned as often; says whether it is there to be held.</summary>
    public bool TryPin(PrefixKey key)
    {
        if (!_entries.TryGetValue(key, out var entry))
        {
            return false;
        }

        if (entry.Pins++ == 0)
        {
            CountPinned(entry, entry.Bytes);
        }

        return true;
    }

    /// <summary>Takes one pin back; a state without pins may be evicted again. Says whether there was a pin.</summary>
    public bool Unpin(PrefixKey key)
    {
        if (!_entries.TryGetValue(key, out var entry) || entry.Pins == 0)
        {
            return false;
        }

        if (--entry.Pins == 0)
        {
            CountPinned(entry, -entry.Bytes);
        }

        return true;
    }

    /// <summary>Forgets a state, pinned or not; says whether it was held.</summary>
    public bool Remove(PrefixKey key)
    {
        if (!_entries.TryGetValue(key, out var entry))
        {
            return false;
        }

        Drop(entry);
        return true;
    }

    /// <summary>Forgets some states and everything that was read on from them, pinned or not.</summary>
    /// <param name="keys">Their keys; states that are not held are looked behind all the same.</param>
    /// <param name="removed">How many states were held.</param>
    /// <returns>The keys of all of them.</returns>
    public IReadOnlyCollection<PrefixKey> RemoveBranches(IEnumerable<PrefixKey> keys, out int removed)
    {
        var gone = keys.ToHashSet();
        for (var before = -1; before != gone.Count;)
        {
            before = gone.Count;
            gone.UnionWith(_entries.Values.Where(entry => entry.Parent is { } parent && gone.Contains(parent)).Select(static entry => entry.Key).ToList());
        }

        removed = gone.Count(Remove);
        return gone;
    }

    /// <summary>Forgets everything of one scope, pinned or not.</summary>
    /// <param name="scope">Whose; null for what is nobody's in particular.</param>
    /// <returns>How many states were held.</returns>
    public int RemoveScope(PrefixKey? scope)
    {
        Entry[] mine = [.. _entries.Values.Where(entry => entry.Scope == scope)];
        foreach (var entry in mine)
        {
            Drop(entry);
        }

        return mine.Length;
    }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        _entries.Clear();
        _scopes.Clear();
        Volatile.Write(ref _bytes, 0);
        Volatile.Write(ref _pinned, 0);
    }

    private bool MakeRoom(long bytes, PrefixKey? scope)
    {
        var account = scope is { } own ? _scopes.GetValueOrDefault(own) : null;
        if (bytes > budget - _pinned || (scope is not null && bytes > scopeBudget - (account?.Pinned ?? 0)))
        {
            return false;   // decided before anything goes: nobody is evicted in vain
        }

        while (account is not null && account.Bytes + bytes > scopeBudget)
        {
            Evict(Least(scope));
        }

        while (_bytes + bytes > budget)
        {
            Evict(Least(null));
        }

        return true;
    }

    private Entry Least(PrefixKey? scope)
    {
        Entry? least = null;
        foreach (var entry in _entries.Values)
        {
            if (entry.Pins == 0 && (scope is null || entry.Scope == scope) && (least is null || IsBefore(entry, least)))
            {
                least = entry;
            }
        }

        return least!;   // what is pinned alone fills no budget: that was looked at before
    }

    private bool IsBefore(Entry entry, Entry least) =>
        (policy == EvictionPolicy.ReplayCost && entry.Value < least.Value)
        || ((policy == EvictionPolicy.LeastRecent || entry.Value == least.Value) && entry.Order < least.Order);

    private void Evict(Entry least)
    {
        _clock = least.Value;
        Evictions++;
        Drop(least);
    }

    private void Drop(Entry gone)
    {
        _entries.Remove(gone.Key);
        if (gone.Pins > 0)
        {
            CountPinned(gone, -gone.Bytes);
        }

        CountBytes(gone, -gone.Bytes);
        if (!gone.IsShared)
        {
            recycle?.Invoke(gone.Snapshot);
        }

        // Whoever was read on from the one that goes is now further from anything kept.
        foreach (var entry in _entries.Values)
        {
            if (entry.Parent == gone.Key)
            {
                entry.Parent = gone.Parent;
                entry.Cost += gone.Cost;
            }
        }
    }

    private void CountBytes(Entry entry, long bytes)
    {
        Volatile.Write(ref _bytes, _bytes + bytes);
        if (entry.Scope is { } scope)
        {
            if (!_scopes.TryGetValue(scope, out var account))
            {
                _scopes.Add(scope, account = new Account());
            }

            account.Bytes += bytes;
            if (account.Bytes == 0)
            {
                _scopes.Remove(scope);
            }
        }
    }

    private void CountPinned(Entry entry, long bytes)
    {
        Volatile.Write(ref _pinned, _pinned + bytes);
        if (entry.Scope is { } scope)
        {
            _scopes[scope].Pinned += bytes;
        }
    }

    /// <summary>What one scope holds.</summary>
    private sealed class Account
    {
        public long Bytes { get; set; }

        public long Pinned { get; set; }
    }

    private sealed class Entry(PrefixKey key, long bytes, PrefixKey? scope, StateSnapshot snapshot)
    {
        public PrefixKey Key => key;

        public long Bytes => bytes;

        public PrefixKey? Scope => scope;

        public StateSnapshot Snapshot => snapshot;

        public PrefixKey? Parent { get; set; }

        public long Cost { get; set; }

        public bool IsShared { get; set; }

        public long Uses { get; set; } = 1;

        public int Pins { get; set; }

        public double Clock { get; set; }

        public long Order { get; set; }

        public double Value => Clock + ((double)Uses * Cost / bytes);
    }
}
