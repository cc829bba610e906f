namespace RwkvSk.Engine.States;

/// <summary>What a store is told of a snapshot beside its bytes.</summary>
public sealed class SnapshotInfo
{
    /// <summary>What was read up to it, and by which model.</summary>
    public required SnapshotKey Key { get; init; }

    /// <summary>Who may share it, as a hash: everything of one scope can be removed at once.</summary>
    public required SnapshotKey Scope { get; init; }

    /// <summary>The kept state it was read on from.</summary>
    /// <value>null by default: it was read from the beginning.</value>
    public SnapshotKey? Parent { get; init; }

    /// <summary>Positions it has read.</summary>
    public required long Position { get; init; }

    /// <summary>Positions that have to be read again when it is lost and its parent is not.</summary>
    public required long ReplayPositions { get; init; }
}
