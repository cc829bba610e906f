using RwkvSk.Engine.Scheduling;

namespace RwkvSk.Engine.States;

/// <summary>
/// Encoded pictures by content, so that a picture is encoded once even where the state after it cannot be shared. The least recently used goes first, but
/// never one that a sequence is about to read: the runner's form may hold native memory, which is freed here. Not safe from several threads.
/// </summary>
/// <param name="budget">Most bytes to hold; 0 keeps none beyond its reading.</param>
internal sealed class ImageCache(long budget)
{
    private readonly Dictionary<Digest, Entry> _entries = [];
    private long _order;

    /// <summary>Bytes held, pictures about to be read included.</summary>
    public long Bytes { get; private set; }

    /// <summary>The picture's positions if they are held; they then stay until <see cref="Release"/>.</summary>
    public IImageEmbeddings? Rent(Digest content)
    {
        if (!_entries.TryGetValue(content, out var entry))
        {
            return null;
        }

        entry.Users++;
        entry.Order = _order++;
        return entry.Embeddings;
    }

    /// <summary>Takes in a picture that was just encoded, rented once.</summary>
    public void Add(Digest content, IImageEmbeddings embeddings)
    {
        _entries.Add(content, new Entry(embeddings) { Users = 1, Order = _order++ });
        Bytes += embeddings.Bytes;
        Trim();
    }

    /// <summary>Ends one renting.</summary>
    public void Release(Digest content)
    {
        _entries[content].Users--;
        Trim();
    }

    /// <summary>Frees a picture, unless somebody is about to read it.</summary>
    public void Forget(Digest content)
    {
        if (_entries.TryGetValue(content, out var entry) && entry.Users == 0)
        {
            Remove(content);
        }
    }

    /// <summary>Frees what nobody is about to read.</summary>
    public void ForgetUnused()
    {
        foreach (var content in _entries.Where(static entry => entry.Value.Users == 0).Select(static entry => entry.Key).ToArray())
        {
            Remove(content);
        }
    }

    /// <summary>Frees everything.</summary>
    public void Clear()
    {
        foreach (var content in _entries.Keys.ToArray())
        {
            Remove(content);
        }
    }

    private void Trim()
    {
        while (Bytes > budget)
        {
            var oldest = _entries.Where(static e => e.Value.Users == 0).OrderBy(static e => e.Value.Order).Select(static e => (Digest?)e.Key).FirstOrDefault();
            if (oldest is not { } content)
            {
                return;   // everything is in use; the next release comes here again
            }

            Remove(content);
        }
    }

    private void Remove(Digest content)
    {
        _entries.Remove(content, out var entry);
        Bytes -= entry!.Embeddings.Bytes;
        (entry.Embeddings as IDisposable)?.Dispose();
    }

    private sealed class Entry(IImageEmbeddings embeddings)
    {
        public IImageEmbeddings Embeddings => embeddings;

        public int Users { get; set; }

        public long Order { get; set; }
    }
}
