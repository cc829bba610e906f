using System.Security.Cryptography;
using System.Text;

namespace RwkvSk.Engine.States;

/// <summary>
/// Authenticates what leaves the process: HMAC-SHA256 under keys derived from the application's secret. Without a secret the key is known to everybody,
/// which detects damage and not forgery. Safe from any thread.
/// </summary>
internal sealed class SnapshotSeal
{
    /// <summary>Bytes of a seal.</summary>
    public const int Length = HMACSHA256.HashSizeInBytes;

    /// <summary>Fewest bytes of a secret.</summary>
    public const int LeastSecret = 16;

    private readonly byte[] _fileKey;
    private readonly byte[] _scopeKey;

    /// <summary>Derives the keys.</summary>
    /// <param name="secret">The application's secret; empty for none.</param>
    public SnapshotSeal(ReadOnlySpan<byte> secret)
    {
        IsSecret = secret.Length > 0;
        _fileKey = HMACSHA256.HashData(secret, "RwkvSk snapshot file"u8);
        _scopeKey = HMACSHA256.HashData(secret, "RwkvSk snapshot scope"u8);
    }

    /// <summary>Whether only those who share the secret can write what this accepts.</summary>
    public bool IsSecret { get; }

    /// <summary>The seal of some content.</summary>
    public byte[] Of(ReadOnlySpan<byte> content) => HMACSHA256.HashData(_fileKey, content);

    /// <summary>Whether content bears its seal; takes the same time wherever the two differ.</summary>
    public bool Matches(ReadOnlySpan<byte> content, ReadOnlySpan<byte> seal) => CryptographicOperations.FixedTimeEquals(Of(content), seal);

    /// <summary>The name of a scope outside the process: it is not known who that is. The scope that all requests without one share has a name as well.</summary>
    public SnapshotKey ScopeTag(string? scope) => new(HMACSHA256.HashData(_scopeKey, scope is null ? [] : Encoding.UTF8.GetBytes(scope + "\n")));
}
