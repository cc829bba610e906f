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

    private readonly List<T> _waiting = [];
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
        _waiting.Insert(background < 0 ? _waiting.Count : background, sequence);
    }

    /// <summary>Moves the first of the queue into a free slot, if there are both.</summary>
    public bool TryAdmit([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out T? admitted)
    {
        admitted = null;
        if (_running.Count == slots || _waiting.Count == 0)
        {
            return false;
        }

        admitted = _waiting[0];
        _waiting.RemoveAt(0);
        _running.Add(new Running(admitted));
        return true;
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
        if (!_waiting.Remove(sequence))
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
