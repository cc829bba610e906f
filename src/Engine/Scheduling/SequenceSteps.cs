using Microsoft.Extensions.Logging;
using RwkvSk.Engine.Sampling;
using RwkvSk.Engine.States;

namespace RwkvSk.Engine.Scheduling;

/// <summary>
/// What is done to sequences with the model: finding kept states, reading a prompt step by step, generating a token for everyone. Runs on the loop's thread.
/// A step is one row for prefill, so what a sequence reads never depends on who else is there.
/// </summary>
internal sealed class SequenceSteps
{
    /// <summary>Positions that a state must spare to be kept where two prompts merely part.</summary>
    private const int LeastDivergence = 16;

    private readonly IModelRunner _runner;
    private readonly PrefixCache _cache;
    private readonly ImageCache _images;
    private readonly StoredPrefixes _stored;
    private readonly EngineMetrics _metrics;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly int _chunkLength;
    private readonly PromptHistory _history = new();

    // One decode step's rows and logits are used again by the next one: a token in steady state costs no arrays.
    private readonly List<BatchRow> _rows = [];
    private readonly Batch _decode;
    private readonly float[] _logits;   // [slots, V]
    private readonly ITokenChooser? _chooser;
    private readonly ChosenToken[] _chosen;   // [slots]

    /// <summary>Prepares the buffers.</summary>
    public SequenceSteps(
        IModelRunner runner, int slots, int chunkLength, PrefixCache cache, ImageCache images, StoredPrefixes stored, EngineMetrics metrics, ILogger logger, TimeProvider time)
    {
        (_runner, _chunkLength, _cache, _images, _stored, _metrics, _logger, _time) = (runner, chunkLength, cache, images, stored, metrics, logger, time);
        _decode = new Batch(Phase.Decode, _rows);
        _logits = new float[slots * runner.VocabularySize];
        (_chooser, _chosen) = (runner.Chooser, new ChosenToken[slots]);
    }

    /// <summary>A sequence got its slot: what does it share with those before it?</summary>
    public void Enter(Sequence sequence)
    {
        sequence.Share(_history.Shared(sequence.Prompt));
        _history.Add(sequence.Prompt);
    }

    /// <summary>Takes up the deepest kept state that the sequence can go on from. Cheap while nothing was added to the cache since the last search.</summary>
    public void Search(Sequence sequence)
    {
        if (sequence.IsFinished || sequence.PromptStepsLeft == 0 || sequence.SearchedVersion == _cache.Version)
        {
            return;
        }

        var began = _time.GetTimestamp();
        sequence.SearchedVersion = _cache.Version;
        TakeUp(sequence);
        _metrics.CacheWorked(_time.GetElapsedTime(began));
    }

    private void TakeUp(Sequence sequence)
    {
        for (var steps = sequence.UsableSteps; steps > sequence.StepsDone; steps--)
        {
            // What a store gave is in the cache, too, unless that has no room for it.
            if ((_cache.Find(sequence.Prompt.Steps[steps - 1].Boundary.Key) ?? (sequence.Stored?.Index == steps ? sequence.Stored.Snapshot : null)) is { } kept)
            {
                ReleaseImage(sequence);
                sequence.ResumeAfter(steps, kept);
                if (sequence.PromptStepsLeft == 0)
                {
                    PromptDone(sequence);
                    sequence.Finish(kept);
                }

                return;
            }
        }
    }

    /// <summary>One unit of reading: a picture is encoded, or a step of the prompt or of what its answer had no choice about is read.</summary>
    public void Prefill(Sequence sequence)
    {
        if (sequence.PromptStepsLeft == 0)
        {
            ReadForced(sequence);
            return;
        }

        var step = sequence.NextStep;
        if (step.Image is not null && sequence.Image is null && (sequence.Image = _images.Rent(step.Content)) is null)
        {
            sequence.Image = Encode(step);
            return;
        }

        EnterSlot(sequence);
        var isLast = sequence.PromptStepsLeft == 1;
        var wantLogits = isLast && sequence.Answer is not null;
        var row = new BatchRow(sequence.Slot, step.Tokens, sequence.Image, wantLogits);
        var logits = _logits.AsSpan(0, wantLogits ? _runner.VocabularySize : 0);
        _runner.Step(new Batch(Phase.Prefill, [row]), logits);
        _metrics.Read(row.Positions);
        ReleaseImage(sequence);

        var snapshot = sequence.Advance() && !wantLogits ? Keep(sequence, step, isLast) : null;
        if (isLast)
        {
            PromptDone(sequence);
            if (sequence.Answer is { } answer)
            {
                Choose(sequence, answer, logits);
            }
            else
            {
                sequence.Finish(snapshot!);
            }
        }
    }

    /// <summary>One token for each sequence.</summary>
    /// <param name="sequences">All of them have their prompt behind them.</param>
    /// <param name="onFailure">Takes a sequence whose own part failed; the others are not concerned.</param>
    public void Decode(IReadOnlyList<Sequence> sequences, Action<Sequence, Exception> onFailure)
    {
        Place(sequences, out var wanted, out var hasChoices);
        var vocabulary = _runner.VocabularySize;
        var logits = _logits.AsSpan(0, wanted * vocabulary);
        if (hasChoices)
        {
            _chooser!.Decode(_rows, logits, _chosen.AsSpan(0, sequences.Count));
        }
        else
        {
            _runner.Step(_decode, logits);
        }

        for (var i = 0; i < sequences.Count; i++)
        {
            var row = _rows[i];
            var own = row.WantLogits ? logits[..vocabulary] : [];
            logits = logits[own.Length..];
            if (!row.WantLogits && row.Choice is null)
            {
                continue;   // in the middle of what it had no choice about
            }

            try
            {
                Choose(sequences[i], sequences[i].Answer!, own, row.Choice is null ? null : _chosen[i]);
            }
#pragma warning disable CA1031 // whatever a constraint or a sampler throws ends this sequence alone
            catch (Exception error)
#pragma warning restore CA1031
            {
                onFailure(sequences[i], error);
            }
        }
    }

    // Where somebody chooses beside the model, whoever needs nothing but the logits for it has that done there.
    private void Place(IReadOnlyList<Sequence> sequences, out int wanted, out bool hasChoices)
    {
        (wanted, hasChoices) = (0, false);
        _rows.Clear();
        for (var i = 0; i < sequences.Count; i++)
        {
            var tokens = sequences[i].Unread.Take(1);
            var isAsked = sequences[i].Unread.Count == 0;
            var choice = isAsked && _chooser is not null ? sequences[i].Answer!.Choice : null;
            var row = new BatchRow(sequences[i].Slot, tokens, null, isAsked && choice is null, choice);
            _rows.Add(row);
            wanted += row.WantLogits ? 1 : 0;
            hasChoices |= choice is not null;
        }
    }

    /// <summary>Reads what an answer had no choice about, a chunk at most: nobody waits for it longer than for a part of a prompt.</summary>
    private void ReadForced(Sequence sequence)
    {
        var tokens = sequence.Unread.Take(_chunkLength);
        var wantLogits = sequence.Unread.Count == 0;
        var logits = _logits.AsSpan(0, wantLogits ? _runner.VocabularySize : 0);
        _runner.Step(new Batch(Phase.Prefill, [new BatchRow(sequence.Slot, tokens, null, wantLogits)]), logits);
        if (wantLogits)
        {
            Choose(sequence, sequence.Answer!, logits);
        }
    }

    /// <summary>Gives back what a sequence that leaves still holds.</summary>
    public void Leave(Sequence sequence) => ReleaseImage(sequence);

    private void EnterSlot(Sequence sequence)
    {
        if (sequence.IsInSlot)
        {
            return;
        }

        if ((sequence.Kept ?? sequence.Prompt.From) is { } state)   // not in its slot and nothing kept: it stands at the beginning
        {
            _runner.Restore(sequence.Slot, state);
        }
        else
        {
            _runner.Reset(sequence.Slot);
        }

        sequence.EnterSlot();
    }

    private IImageEmbeddings Encode(PromptStep step)
    {
        var image = _runner.EncodeImage(step.Image!);
        if (image.Positions != _runner.PositionsPerImage)
        {
            throw new InvalidOperationException($"A picture was encoded to {image.Positions} positions, expected {_runner.PositionsPerImage}.");
        }

        _images.Add(step.Content, image);
        return image;
    }

    private void ReleaseImage(Sequence sequence)
    {
        if (sequence.Image is not null)
        {
            sequence.Image = null;
            _images.Release(sequence.Prompt.Steps[sequence.StepsDone].Content);
        }
    }

    /// <summary>Copies the slot into the cache. Only states that prefill steps led to come here, never one that generated tokens were read into.</summary>
    /// <param name="sequence">Stands after the step.</param>
    /// <param name="step">The step that was just read.</param>
    /// <param name="isWanted">Whether the sequence is there for this state: then it is copied even where the cache has no room.</param>
    private StateSnapshot? Keep(Sequence sequence, PromptStep step, bool isWanted)
    {
        var began = _time.GetTimestamp();
        var boundary = step.Boundary;
        var (parent, depth) = DeepestKept(sequence.Prompt, sequence.StepsDone - 1);
        StateSnapshot? snapshot = null;
        if (step.IsKept || boundary.Position - depth >= LeastDivergence)
        {
            var evictions = _cache.Evictions;
            _cache.TryAdd(boundary.Key, parent, boundary.Position - depth, _runner.Layout, Capture, sequence.Prompt.QuotaScope, isShared: isWanted || !_stored.IsEmpty);
            _metrics.Evicted(_cache.Evictions - evictions);
            if (snapshot is not null)
            {
                _stored.Offer(sequence, snapshot);
            }
        }

        _metrics.CacheWorked(_time.GetElapsedTime(began));
        return isWanted ? snapshot ?? _cache.Find(boundary.Key) ?? Capture() : null;

        StateSnapshot Capture() => snapshot = _runner.Capture(sequence.Slot, boundary.Position).With(new SnapshotOrigin(sequence.Prompt.Root, boundary.Key));
    }

    /// <summary>The nearest place that is held within the first <paramref name="steps"/> steps, and its position.</summary>
    private (PrefixKey? Key, long Position) DeepestKept(EncodedPrompt prompt, int steps)
    {
        for (; steps > 0; steps--)
        {
            var boundary = prompt.Steps[steps - 1].Boundary;
            if (_cache.Contains(boundary.Key))
            {
                return (boundary.Key, boundary.Position);
            }
        }

        return (null, prompt.Start);
    }

    private void PromptDone(Sequence sequence)
    {
        if (sequence.IsBackground)
        {
            EngineLog.ReadAhead(_logger, sequence.Position - sequence.Prompt.Start - sequence.ReusedPositions);
            return;
        }

        _metrics.PromptDone(sequence.ReusedPositions, sequence.Tier);
        if (_logger.IsEnabled(LogLevel.Debug))
        {
            var prompt = sequence.Prompt;
            var reused = prompt.Start + sequence.ReusedPositions;
            EngineLog.PromptDone(_logger, prompt.Positions, reused, prompt.Positions - reused, PromptHistory.Explain(sequence));
        }
    }

    /// <summary>What comes next: tokens without a choice as they are; else the one that was chosen, or one out of the logits, and what has no choice after it.</summary>
    private void Choose(Sequence sequence, Answer answer, Span<float> logits, ChosenToken? chosen = null)
    {
        var isForced = answer.TryForced(out var step);
        if (!isForced)
        {
            step = chosen is { } token ? answer.Next(token) : answer.Next(logits);
        }

        do
        {
            Take(sequence, answer, step, isForced);
            isForced = true;
        }
        while (!sequence.IsFinished && answer.TryForced(out step));
    }

    private void Take(Sequence sequence, Answer answer, AnswerStep step, bool isForced)
    {
        _metrics.Generated(isForced);
        sequence.FirstTokenAt ??= _time.GetTimestamp();
        if (step.FinishReason is not { } reason)
        {
            sequence.Unread.Add(step.Id);
            sequence.Publish(new GeneratedToken(step.Id, step.Text));
            return;
        }

        var prompt = sequence.Prompt;
        var total = _time.GetElapsedTime(sequence.AcceptedAt);
        var first = _time.GetElapsedTime(sequence.AcceptedAt, sequence.FirstTokenAt.Value);
        var usage = new GenerationUsage(prompt.Positions, prompt.Start + sequence.ReusedPositions, answer.Tokens, first, total);
        sequence.Finish(new GeneratedToken(step.Id, step.Text, reason, usage));
        EngineLog.AnswerEnded(_logger, reason, answer.Tokens, (long)total.TotalMilliseconds);
    }
}
