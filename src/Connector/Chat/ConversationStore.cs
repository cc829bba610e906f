using System.Security.Cryptography;
using Microsoft.Extensions.AI;

namespace RwkvSk.Connector;

/// <summary>
/// Conversations by id, for callers that want to send only what is new. An id names what had been said up to one answer and never changes its meaning,
/// so any number of continuations may branch off. Only messages are kept; what the model has read of them is found by its content, as always.
/// </summary>
/// <param name="capacity">How many answers are kept; past that the one that was used longest ago goes.</param>
internal sealed class ConversationStore(int capacity)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, LinkedListNode<(string Id, IReadOnlyList<ChatMessage> Messages)>> _byId = new(StringComparer.Ordinal);
    private readonly LinkedList<(string Id, IReadOnlyList<ChatMessage> Messages)> _byUse = new();

    /// <summary>Whether conversations are kept at all.</summary>
    public bool IsEnabled => capacity > 0;

    /// <summary>Keeps a conversation.</summary>
    /// <returns>Its id.</returns>
    public string Add(IEnumerable<ChatMessage> messages)
    {
        var id = $"conv_{RandomNumberGenerator.GetHexString(24, lowercase: true)}";
        lock (_gate)
        {
            _byId.Add(id, _byUse.AddFirst((id, [.. messages])));
            if (_byId.Count > capacity)
            {
                _byId.Remove(_byUse.Last!.Value.Id);
                _byUse.RemoveLast();
            }
        }

        return id;
    }

    /// <summary>What had been said under an id.</summary>
    /// <exception cref="NotSupportedException">No conversations are kept.</exception>
    /// <exception cref="KeyNotFoundException">The id is unknown, or is kept no more.</exception>
    public IReadOnlyList<ChatMessage> Get(string id)
    {
        if (!IsEnabled)
        {
            throw new NotSupportedException(
                $"The conversation '{id}' is not kept: send the whole history (what was read before is found by its content and not read again), or set {nameof(RwkvOptions.KeptConversations)}.");
        }

        lock (_gate)
        {
            if (!_byId.TryGetValue(id, out var node))
            {
                throw new KeyNotFoundException($"The conversation '{id}' is unknown, or was dropped for one of {capacity} later ones.");
            }

            _byUse.Remove(node);
            _byUse.AddFirst(node);
            return node.Value.Messages;
        }
    }
}
