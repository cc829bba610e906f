using Microsoft.Extensions.AI;

namespace RwkvSk.Connector.Tests.Conformance;

/// <summary>The ways into the connector.</summary>
public enum Face
{
    Kernel,
    KernelStreaming,
    Client,
    ClientStreaming,
}

/// <summary>An answer, whichever way it came.</summary>
internal sealed record Reply(string Text, string? FinishReason, UsageDetails? Usage, string? ModelId, object? Inner, IReadOnlyList<string> Pieces, IReadOnlyList<string> Calls)
{
    public RwkvAnswer Answer => (RwkvAnswer)Inner!;
}
