using System.Security.Cryptography;
using Microsoft.Extensions.AI;
using RwkvSk.Engine.States;

namespace RwkvSk.Connector;

/// <summary>What stands behind an id: a state that was read before, and what has been said after it.</summary>
/// <param name="From">null where nothing was read before.</param>
/// <param name="Messages">In order.</param>
/// <param name="CacheScope">Whose it is; null is anybody's who knows the id.</param>
/// <param name="ToolsRead">Functions that the state has read about.</param>
internal sealed record KeptConversation(StateSnapshot? From, IReadOnlyList<ChatMessage> Messages, string? CacheScope, IReadOnlyCollection<string>? ToolsRead = null);

/// <summary>
/// Conversations by id, for callers that want to send only what is new. An id names what had been said up to one answer, or a snapshot, and never changes its
/// meaning, so any number of continuations may branch off. Only messages are kept; what the model has read of them is found by its content, as always.
/// </summary>
/// <param name="capacity">How many answers are kept; past that the one that was used longest ago goes. Snapshots that were given a name stay.</param>
internal sealed class ConversationStore(int capacity)
{
    /// <summary>Answers that are kept of conversations that began with a named snapshot, where no others are.</summary>
    private const int LeastCapacity = 64;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, LinkedListNode<(string Id, KeptConversation Conversation)>> _byId = new(StringComparer.Ordinal);
    private readonly LinkedList<(string Id, KeptConversation Conversation)> _byUse = new();
    private readonly Dictionary<string, KeptConversation> _named = new(StringComparer.Ordinal);

    /// <summary>Whether conversations are kept that were not begun with an id.</summary>
    public bool IsEnabled => capacity > 0;

    /// <summary>Keeps a conversation.</summary>
    /// <returns>Its id.</returns>
    public string Add(KeptConversation conversation)
    {
        var id = $"conv_{RandomNumberGenerator.GetHexString(24, lowercase: true)}";
        lock (_gate)
        {
            _byId.Add(id, _byUse.AddFirst((id, conversation)));
            if (_byId.Count > Math.Max(capacity, IsEnabled ? 1 : LeastCapacity))
            {
                _byId.Remove(_byUse.Last!.Value.Id);
                _byUse.RemoveLast();
            }
        }

        return id;
    }

    /// <summary>Gives a snapshot a name; a name that was given before now means this one.</summary>
    public void Name(string id, KeptConversation conversation)
    {
        lock (_gate)
        {
            _named[id] = conversation;
        }
    }

    /// <summary>What stands behind an id.</summary>
    /// <param name="id">The id.</param>
    /// <param name="cacheScope">Who asks.</param>
    /// <exception cref="NotSupportedException">No conversations are kept.</exception>
    /// <exception cref="KeyNotFoundException">The id is unknown, is kept no more, or is somebody else's.</exception>
    public KeptConversation Get(string id, string? cacheScope)
    {
        lock (_gate)
        {
            if (_named.TryGetValue(id, out var named) && IsOpenTo(named, cacheScope))
            {
                return named;
            }

            if (_byId.TryGetValue(id, out var node) && IsOpenTo(node.Value.Conversation, cacheScope))
            {
                _byUse.Remove(node);
                _byUse.AddFirst(node);
                return node.Value.Conversation;
            }

            throw IsEnabled || _named.Count > 0
                ? new KeyNotFoundException($"The conversation '{id}' is unknown, or was dropped for later ones.")
                : new NotSupportedException(
                    $"The conversation '{id}' is not kept: send the whole history (what was read before is found by its content and not read again), give a snapshot this name, or set {nameof(RwkvOptions.KeptConversations)}.");
        }
    }

    /// <summary>Forgets one id.</summary>
    /// <returns>Whether there was one.</returns>
    public bool Remove(string id)
    {
        lock (_gate)
        {
            if (_byId.Remove(id, out var node))
            {
                _byUse.Remove(node);
                return true;
            }

            return _named.Remove(id);
        }
    }

    /// <summary>Forgets everything of one tenant.</summary>
    public void RemoveScope(string cacheScope)
    {
        lock (_gate)
        {
            foreach (var (id, node) in _byId.Where(entry => entry.Value.Value.Conversation.CacheScope == cacheScope).ToArray())
            {
                _byId.Remove(id);
                _byUse.Remove(node);
            }

            foreach (var id in _named.Where(entry => entry.Value.CacheScope == cacheScope).Select(static entry => entry.Key).ToArray())
            {
                _named.Remove(id);
            }
        }
    }

    private static bool IsOpenTo(KeptConversation conversation, string? cacheScope) => conversation.CacheScope is null || conversation.CacheScope == cacheScope;
}
