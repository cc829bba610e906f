using System.Globalization;
using StackExchange.Redis;

namespace RwkvSk.Connector.States;

/// <summary>What a server holds of one snapshot: a hash that names its parts, and the parts.</summary>
/// <param name="Name">The hash's key.</param>
/// <param name="Id">Tells this writer's parts from another's.</param>
/// <param name="Bytes">The payload's length.</param>
/// <param name="PartBytes">The length of every part but the last.</param>
/// <param name="Scope">Who may share it.</param>
internal sealed record RedisSnapshotHead(RedisKey Name, string Id, int Bytes, int PartBytes, string Scope)
{
    /// <summary>Number of parts; none for an empty payload.</summary>
    public int PartCount => (int)(((long)Bytes + PartBytes - 1) / PartBytes);

    /// <summary>The parts' keys.</summary>
    public IEnumerable<RedisKey> Parts => Enumerable.Range(0, PartCount).Select(Part);

    /// <summary>All keys.</summary>
    public IEnumerable<RedisKey> Keys => Parts.Prepend(Name);

    /// <summary>A part's key.</summary>
    public RedisKey Part(int index) => string.Create(CultureInfo.InvariantCulture, $"{Name}:{Id}:{index}");

    /// <summary>A part's length.</summary>
    public int LengthOf(int index) => Math.Min(PartBytes, Bytes - (index * PartBytes));
}
