namespace RwkvSk.Engine.States;

/// <summary>Which kept state makes room for another.</summary>
internal enum EvictionPolicy
{
    /// <summary>The one that costs least to read again per byte, aged by the clock of what went before it.</summary>
    ReplayCost,

    /// <summary>The one unused for longest; for comparison.</summary>
    LeastRecent,
}
