using System.Net;
using Microsoft.SemanticKernel;
using RwkvSk.Engine;

namespace RwkvSk.Connector;

/// <summary>
/// The model has more to do than it takes. It looks like the answer of a busy service, so that whatever an application does about those (retries, a status of
/// its own) works here too: 429 where the queue is full, 503 where a request waited too long in it.
/// </summary>
public sealed class RwkvBusyException : HttpOperationException
{
    internal RwkvBusyException(EngineBusyException busy)
        : base(busy.Reason is BusyReason.QueueFull ? HttpStatusCode.TooManyRequests : HttpStatusCode.ServiceUnavailable, responseContent: null, busy.Message, busy) =>
        (Reason, RetryAfter) = (busy.Reason, busy.RetryAfter);

    /// <summary>Why the request was refused.</summary>
    public BusyReason Reason { get; }

    /// <summary>When it is worth while to ask again; an estimate, at least one second.</summary>
    public TimeSpan RetryAfter { get; }

    /// <summary>The stream of an engine, with its refusals as this exception.</summary>
    internal static async IAsyncEnumerable<GeneratedToken> TranslateAsync(IAsyncEnumerable<GeneratedToken> tokens)
    {
        var enumerator = tokens.GetAsyncEnumerator(CancellationToken.None);   // the engine has its token already
        await using (enumerator.ConfigureAwait(false))
        {
            while (await MoveAsync().ConfigureAwait(false))
            {
                yield return enumerator.Current;
            }
        }

        async ValueTask<bool> MoveAsync()
        {
            try
            {
                return await enumerator.MoveNextAsync().ConfigureAwait(false);
            }
            catch (EngineBusyException busy)
            {
                throw new RwkvBusyException(busy);
            }
        }
    }
}
