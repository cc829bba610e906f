using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.Extensions.AI;
using RwkvSk.Engine;

namespace RwkvSk.Connector;

/// <summary>One answer being generated.</summary>
internal sealed class AnswerStream(RwkvEngine engine, AnswerRequest request, string modelId)
{
    private readonly StringBuilder _text = new();
    private readonly List<int> _ids = [];

    /// <summary>The whole answer; there once the stream has ended.</summary>
    public RwkvAnswer? Answer { get; private set; }

    /// <summary>Generates and writes updates; the last one has the finish reason and the usage.</summary>
    public async IAsyncEnumerable<ChatResponseUpdate> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var writer = new UpdateWriter(modelId, request.CreateParser());
        var (from, unread) = request.Resume(request.Prompt);
        var tokens = from is null
            ? engine.GenerateAsync(unread, request.Generation, cancellationToken)
            : engine.GenerateAsync(from, unread, request.Generation, cancellationToken);
        await foreach (var token in RwkvBusyException.TranslateAsync(tokens).ConfigureAwait(false))
        {
            _text.Append(token.Text);
            if (token.Id >= 0)
            {
                _ids.Add(token.Id);
            }

            if (writer.Append(token) is { } update)
            {
                yield return update;
            }

            if (token is { FinishReason: { } reason, Usage: { } usage })
            {
                Answer = new RwkvAnswer(request.Prompt, _text.ToString(), _ids, reason, usage);
                yield return writer.Complete(Answer);
            }
        }
    }
}
