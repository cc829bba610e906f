using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.Extensions.AI;
using RwkvSk.Connector.Prompting;
using RwkvSk.Engine;
using RwkvSk.Engine.Prompts;

namespace RwkvSk.Connector;

/// <summary>One answer being generated. A thought that grows over its budget is closed for the model, which then goes on with its answer.</summary>
internal sealed class AnswerStream(RwkvEngine engine, AnswerRequest request, string modelId)
{
    private const string ThoughtEnd = "\n</think>\n";

    private readonly AnswerParser _parser = request.CreateParser();
    private readonly StringBuilder _text = new();
    private readonly List<int> _ids = [];

    /// <summary>The whole answer; there once the stream has ended.</summary>
    public RwkvAnswer? Answer { get; private set; }

    /// <summary>Generates and writes updates; the last one has the finish reason and the usage.</summary>
    public async IAsyncEnumerable<ChatResponseUpdate> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var writer = new UpdateWriter(modelId, _parser);
        var (prompt, options) = (request.Prompt, request.Generation);
        while (true)
        {
            var (from, unread) = request.Resume(prompt);
            var tokens = from is null ? engine.GenerateAsync(unread, options, cancellationToken) : engine.GenerateAsync(from, unread, options, cancellationToken);
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
                    Answer = new RwkvAnswer(request.Prompt, _text.ToString(), _ids, reason, Whole(usage, prompt));
                    yield return writer.Complete(Answer);
                    yield break;
                }

                if (_parser.IsThinking && _ids.Count >= request.ThoughtBudget && _ids.Count < request.Generation.MaximumTokens)
                {
                    break;
                }
            }

            (prompt, options) = CloseThought();
            if (writer.Append(new GeneratedToken(-1, ThoughtEnd)) is { } closing)
            {
                yield return closing;
            }
        }
    }

    private (Prompt Prompt, GenerationOptions Options) CloseThought()
    {
        _text.Append(ThoughtEnd);
        var opening = ((TextSegment)request.Prompt.Turns[^1].Segments[0]).Text;
        return (
            new Prompt([.. request.Prompt.Turns.SkipLast(1), new Turn(opening + _text)]),
            request.Generation with { MaximumTokens = request.Generation.MaximumTokens - _ids.Count });
    }

    /// <summary>The usage of the whole answer: what was thought counts as generated, not as read, however often it was read again.</summary>
    private GenerationUsage Whole(GenerationUsage last, Prompt prompt)
    {
        if (ReferenceEquals(prompt, request.Prompt))
        {
            return last;
        }

        var added = engine.CountTokens(((TextSegment)prompt.Turns[^1].Segments[0]).Text) - engine.CountTokens(((TextSegment)request.Prompt.Turns[^1].Segments[0]).Text);
        return last with { PromptPositions = last.PromptPositions - added, GeneratedTokens = _ids.Count };
    }
}
