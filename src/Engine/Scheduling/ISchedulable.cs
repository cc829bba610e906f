using RwkvSk.Engine.States;

namespace RwkvSk.Engine.Scheduling;

/// <summary>What the scheduler sees of a sequence: counts and names, nothing else.</summary>
internal interface ISchedulable
{
    /// <summary>Prefill steps until it decodes, 0 when it does. What an answer had no choice about counts as one, however long it is.</summary>
    int StepsLeft { get; }

    /// <summary>The next boundary on its way that will be kept, or null when there is none: a second sequence on the way there waits for the first.</summary>
    PrefixKey? NextBoundary { get; }

    /// <summary>Whether nobody waits for it: it is read when there is nothing else to do, and gives up its slot to whoever is waited for.</summary>
    bool IsBackground { get; }

    /// <summary>Who gets a slot before others.</summary>
    RequestPriority Priority => RequestPriority.Normal;

    /// <summary>Whose request it is, or null: slots are shared out evenly among those who wait.</summary>
    string? User => null;
}
