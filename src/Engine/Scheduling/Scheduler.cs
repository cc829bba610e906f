namespace RwkvSk.Engine.Scheduling;

/// <summary>
/// Decides who runs and what is done next. Arithmetic alone: it touches no tensor, no clock and no lock, and equal calls decide equally.
/// </summary>
/// <typeparam name="T">A sequence; in tests anything with counts.</typeparam>
/// <param name="slots">How many sequences run at once.</param>
internal sealed class Scheduler<T>(int slots)
    where T : class, ISchedulable
{
    /// <summary>How often the shortest rest may go first before the one that waits longest does.</summary>
    private const int MostPassedOver = 4;

    /// <summary>How many who came later may get a slot before one that waits.</summary>
    private const int MostAdmittedBefore = 64;

    private readonly List<T> _waiting = [];
    private readonly List<int> _admittedBefore = [];   // for each of those who wait
    private readonly List<Running> _running = [];
    private readonly List<T> _decoding = [];
    private bool _prefillNext = true;

    /// <summary>Sequences without a slot; those in the background after all others.</summary>
    public IReadOnlyList<T> Waiting => _waiting;

    /// <summary>Sequences with a slot.</summary>
    public int RunningCount => _running.Count;

    /// <summary>Puts a sequence at the end of the queue, but before everyone in the background if it is not there itself.</summary>
    public void Enqueue(T sequence)
    {
        var background = sequence.IsBackground ? -1 : _waiting.FindIndex(static waiting => waiting.IsBackground);
        var at = background < 0 ? _waiting.Count : background;
        _waiting.Insert(at, sequence);
        _admittedBefore.Insert(at, 0);
    }

    /// <summary>Moves the next of the queue into a free slot, if there are both: priority first, then whoever's user has fewest slots, then who came first.</summary>
    public bool TryAdmit([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out T? admitted)
    {
        admitted = null;
        if (_running.Count == slots || _waiting.Count == 0)
        {
            return false;
        }

        var next = 0;
        for (var i = 1; i < _waiting.Count && !_waiting[i].IsBackground; i++)
        {
            next = IsAdmittedBefore(i, next) ? i : next;
        }

        admitted = _waiting[next];
        for (var i = 0; i < next; i++)
        {
            _admittedBefore[i]++;
        }

        RemoveWaiting(next);
        _running.Add(new Running(admitted));
        return true;
    }

    // Of equals the earlier one stays best: it is looked at first.
    private bool IsAdmittedBefore(int candidate, int best)
    {
        var (overdue, bestOverdue) = (_admittedBefore[candidate] >= MostAdmittedBefore, _admittedBefore[best] >= MostAdmittedBefore);
        if (overdue || bestOverdue)
        {
            return overdue && !bestOverdue;
        }

        var (priority, bestPriority) = (_waiting[candidate].Priority, _waiting[best].Priority);
        return priority != bestPriority ? priority > bestPriority : SlotsOf(_waiting[candidate].User) < SlotsOf(_waiting[best].User);
    }

    private int SlotsOf(string? user)
    {
        var slots = 0;
        foreach (var running in _running)
        {
            slots += string.Equals(running.Sequence.User, user, StringComparison.Ordinal) ? 1 : 0;
        }

        return slots;
    }

    private void RemoveWaiting(int index)
    {
        _waiting.RemoveAt(index);
        _admittedBefore.RemoveAt(index);
    }

    /// <summary>Who has to leave its slot because somebody is waited for and there is none: the last one in the background.</summary>
    public bool MustGiveWay([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out T? background)
    {
        background = _running.Count == slots && _waiting.Count > 0 && !_waiting[0].IsBackground
            ? _running.FindLast(static running => running.Sequence.IsBackground)?.Sequence
            : null;
        return background is not null;
    }

    /// <summary>A sequence with a slot, in the order they were admitted.</summary>
    public T RunningAt(int index) => _running[index].Sequence;

    /// <summary>Everyone in the background, with a slot or without one.</summary>
    public IEnumerable<T> Background() => _waiting.Concat(_running.Select(static running => running.Sequence)).Where(static sequence => sequence.IsBackground);

    /// <summary>Takes a sequence out, wherever it is.</summary>
    public void Remove(T sequence)
    {
        if (_waiting.IndexOf(sequence) is >= 0 and var index)
        {
            RemoveWaiting(index);
        }
        else
        {
            _running.RemoveAll(r => ReferenceEquals(r.Sequence, sequence));
        }
    }

    /// <summary>
    /// The next unit of work: one prefill step of one sequence, or one token for everyone who decodes; false when there is neither. The list is valid until the next call.
    /// </summary>
    public bool TryNext(out Phase phase, out IReadOnlyList<T> sequences)
    {
        _decoding.Clear();

        // Prefill and decode take turns, so a long prompt slows the running answers but never stops them, and they never stop it.
        phase = _prefillNext ? Phase.Prefill : Phase.Decode;
        if (!Fill(phase))
        {
            phase = phase == Phase.Prefill ? Phase.Decode : Phase.Prefill;
            if (!Fill(phase) && PickReader(isWanted: false) is { } background)
            {
                phase = Phase.Prefill;
                _decoding.Add(background);
            }
        }

        _prefillNext = phase == Phase.Decode;
        sequences = _decoding;
        return _decoding.Count > 0;
    }

    private bool Fill(Phase phase)
    {
        if (phase == Phase.Prefill)
        {
            if (PickReader(isWanted: true) is { } reader)
            {
                _decoding.Add(reader);
            }
        }
        else
        {
            foreach (var running in _running)
            {
                if (running.Sequence.StepsLeft == 0)
                {
                    _decoding.Add(running.Sequence);
                }
            }
        }

        return _decoding.Count > 0;
    }

    /// <summary>The shortest rest first: a short question does not wait for a long document, and a prompt once begun is finished before its equals. Nobody is passed over for ever.</summary>
    /// <param name="isWanted">Whether somebody waits for what is read; what is read in the background is asked for when nothing else is to be done.</param>
    private T? PickReader(bool isWanted)
    {
        Running? best = null;
        for (var i = 0; i < _running.Count; i++)
        {
            var candidate = _running[i];
            if (CanRead(i, isWanted))
            {
                best = best is null || IsBefore(candidate, best) ? candidate : best;
            }
        }

        if (best is null)
        {
            return null;
        }

        for (var i = 0; i < _running.Count; i++)
        {
            if (CanRead(i, isWanted))
            {
                _running[i].PassedOver++;
            }
        }

        best.PassedOver = 0;
        return best.Sequence;
    }

    private bool CanRead(int index, bool isWanted) => _running[index].Sequence.StepsLeft > 0 && IsWanted(index) == isWanted && !IsHeld(index);

    /// <summary>What is read in the background is wanted once somebody who is waited for is held until it is done.</summary>
    private bool IsWanted(int index)
    {
        if (!_running[index].Sequence.IsBackground)
        {
            return true;
        }

        var boundary = _running[index].Sequence.NextBoundary;
        for (var i = index + 1; boundary is not null && i < _running.Count; i++)
        {
            if (!_running[i].Sequence.IsBackground && _running[i].Sequence.NextBoundary == boundary)
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsBefore(Running candidate, Running best)
    {
        var (overdue, bestOverdue) = (candidate.PassedOver >= MostPassedOver, best.PassedOver >= MostPassedOver);
        return overdue != bestOverdue ? overdue
            : overdue ? candidate.PassedOver > best.PassedOver
            : candidate.Sequence.StepsLeft < best.Sequence.StepsLeft;
    }

    /// <summary>Somebody admitted earlier is reading up to the same boundary: when that is kept, this sequence goes on from there.</summary>
    private bool IsHeld(int index)
    {
        if (_running[index].Sequence.NextBoundary is not { } boundary)
        {
            return false;
        }

        for (var i = 0; i < index; i++)
        {
            if (_running[i].Sequence.NextBoundary == boundary)
            {
                return true;
            }
        }

        return false;
    }

    private sealed class Running(T sequence)
    {
        public T Sequence => sequence;

        public int PassedOver { get; set; }
    }
}
