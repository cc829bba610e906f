namespace RwkvSk.Engine.Scheduling;

/// <summary>How long a slot will take to become free, from how long the last requests held theirs. Written by the loop's thread, read from any.</summary>
/// <param name="slots">How many requests run at once.</param>
internal sealed class WaitEstimate(int slots)
{
    private static readonly TimeSpan Least = TimeSpan.FromSeconds(1);

    private long _meanTicks;

    /// <summary>A request gave its slot back.</summary>
    /// <param name="time">For how long it had it; null where it would have made way for any other.</param>
    public void Add(TimeSpan? time)
    {
        if (time is not { } held)
        {
            return;
        }

        // A moving mean over about eight requests; the first one is the mean.
        var mean = Volatile.Read(ref _meanTicks);
        Volatile.Write(ref _meanTicks, mean == 0 ? held.Ticks : mean + ((held.Ticks - mean) / 8));
    }

    /// <summary>When a request that comes after <paramref name="waiting"/> others would get a slot; at least one second.</summary>
    public TimeSpan After(int waiting)
    {
        var wait = new TimeSpan((long)((double)Volatile.Read(ref _meanTicks) * (waiting + 1) / slots));
        return wait > Least ? wait : Least;
    }
}
