using System.Threading.Channels;
using RwkvSk.Engine.States;

namespace RwkvSk.Engine.Scheduling;

/// <summary>
/// A request inside the engine. Everything here belongs to the loop's thread, save what is said to be safe from others.
/// </summary>
internal sealed class Sequence : ISchedulable
{
    private readonly Channel<GeneratedToken>? _tokens;
    private readonly TaskCompletionSource<StateSnapshot>? _captured;
    private readonly bool _keepsBoundaries;
    private int _nextKept;
    private int _divergence;
    private GeneratedToken? _last;
    private StateSnapshot? _snapshot;
    private Exception? _error;
    private volatile bool _isCancelled;

    private Sequence(EncodedPrompt prompt, Answer? answer, long acceptedAt, bool keepsBoundaries, bool isBackground = false)
    {
        (Prompt, Answer, AcceptedAt, _keepsBoundaries, IsBackground) = (prompt, answer, acceptedAt, keepsBoundaries, isBackground);
        FindNextKept();
        if (isBackground)
        {
            return;   // no one takes a result
        }

        if (answer is null)
        {
            _captured = new TaskCompletionSource<StateSnapshot>(TaskCreationOptions.RunContinuationsAsynchronously);
        }
        else
        {
            _tokens = Channel.CreateUnbounded<GeneratedToken>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
        }
    }

    /// <summary>A sequence that reads and then answers.</summary>
    public static Sequence ToAnswer(EncodedPrompt prompt, Answer answer, long acceptedAt, bool keepsBoundaries, RequestPriority priority = RequestPriority.Normal, string? user = null) =>
        new(prompt, answer, acceptedAt, keepsBoundaries) { Priority = priority, User = user };

    /// <inheritdoc/>
    public RequestPriority Priority { get; private init; } = RequestPriority.Normal;

    /// <inheritdoc/>
    public string? User { get; private init; }

    /// <summary>A sequence that reads and then hands out its state.</summary>
    public static Sequence ToCapture(EncodedPrompt prompt, long acceptedAt, bool keepsBoundaries) => new(prompt, null, acceptedAt, keepsBoundaries);

    /// <summary>A sequence that reads, for the states on its way alone, when there is nothing else to do.</summary>
    public static Sequence ToReadAhead(EncodedPrompt prompt, long acceptedAt) => new(prompt, null, acceptedAt, keepsBoundaries: true, isBackground: true);

    /// <summary>What is to be read.</summary>
    public EncodedPrompt Prompt { get; }

    /// <inheritdoc/>
    public bool IsBackground { get; }

    /// <summary>The answer in the making; null for a capture.</summary>
    public Answer? Answer { get; }

    /// <summary>When it was accepted, in the time provider's ticks.</summary>
    public long AcceptedAt { get; }

    /// <summary>When it got its slot, in the time provider's ticks.</summary>
    public long AdmittedAt { get; set; }

    /// <summary>When its first token was chosen; null before.</summary>
    public long? FirstTokenAt { get; set; }

    /// <summary>The stream; safe for one reader from any thread.</summary>
    public ChannelReader<GeneratedToken> Tokens => _tokens!.Reader;

    /// <summary>The state at the prompt's end; safe from any thread.</summary>
#pragma warning disable VSTHRD003 // completed by the loop's own thread, which waits for nobody
    public Task<StateSnapshot> CapturedAsync(CancellationToken cancellationToken) => _captured!.Task.WaitAsync(cancellationToken);
#pragma warning restore VSTHRD003

    /// <summary>The row of the state pool; -1 while it waits.</summary>
    public int Slot { get; set; } = -1;

    /// <summary>Prefill steps done or made unnecessary.</summary>
    public int StepsDone { get; private set; }

    /// <summary>Whether the slot holds the state after <see cref="StepsDone"/>; if not, <see cref="Kept"/> or an empty state has to be put there first.</summary>
    public bool IsInSlot { get; private set; }

    /// <summary>The kept state to go on from; null begins where the prompt does.</summary>
    public StateSnapshot? Kept { get; private set; }

    /// <summary>The cache's version when it was last searched for this sequence.</summary>
    public long SearchedVersion { get; set; } = -1;

    /// <summary>The picture of the next step, rented from the image cache until it is read.</summary>
    public IImageEmbeddings? Image { get; set; }

    /// <summary>The answer's tokens that the model has not read yet.</summary>
    public UnreadTokens Unread { get; } = new();

    /// <summary>Whether it has its result, good or bad, and only has to leave.</summary>
    public bool IsFinished { get; private set; }

    /// <summary>Positions that kept states made unnecessary to read.</summary>
    public long ReusedPositions { get; private set; }

    /// <summary>What a store held of its prompt, with the number of steps that state has behind it; null for nothing.</summary>
    public StoredState? Stored { get; set; }

    /// <summary>Where the state was kept that it went on from last.</summary>
    public string Tier { get; private set; } = "memory";

    /// <summary>Steps shared with an earlier prompt; for the explanation of what had to be read.</summary>
    public int SharedSteps { get; private set; }

    /// <summary>Positions behind <see cref="StepsDone"/>, from the very beginning.</summary>
    public long Position => PositionAfter(StepsDone);

    /// <summary>The prefill step to do next.</summary>
    public PromptStep NextStep => Prompt.Steps[StepsDone];

    /// <summary>Steps of the prompt that are still to be read.</summary>
    public int PromptStepsLeft => Prompt.Steps.Length - StepsDone;

    /// <inheritdoc/>
    public int StepsLeft => PromptStepsLeft + (Unread.IsSpan ? 1 : 0);

    /// <summary>Whether everything before its last turn is behind it.</summary>
    public bool IsInLastTurn => StepsDone == Prompt.Steps.Length || NextStep.Turn == Prompt.Steps[^1].Turn;

    /// <inheritdoc/>
    public PrefixKey? NextBoundary => _keepsBoundaries && _nextKept < UsableSteps ? Prompt.Steps[_nextKept].Boundary.Key : null;

    /// <summary>How many of its steps a kept state may stand for: an answer needs the logits of the last step, so it always reads that.</summary>
    public int UsableSteps => Prompt.Steps.Length - (Answer is null ? 0 : 1);

    /// <summary>Whether nobody wants the result any more; safe from any thread.</summary>
    public bool IsCancelled => _isCancelled;

    /// <summary>Nobody wants the result any more: the loop drops it before its next step. Safe from any thread, also afterwards.</summary>
    public void Cancel() => _isCancelled = true;

    /// <summary>An earlier prompt had the first steps in common; where the two part, a state is kept this time, because a third may come.</summary>
    public void Share(int steps)
    {
        SharedSteps = steps;
        _divergence = Math.Min(steps, UsableSteps);
        FindNextKept();
    }

    /// <summary>Goes on from a kept state; the slot follows when the next step is done.</summary>
    public void ResumeAfter(int steps, StateSnapshot kept)
    {
        ReusedPositions += PositionAfter(steps) - Position;
        StepsDone = steps;
        FindNextKept();
        (Kept, IsInSlot) = (kept, false);
        Tier = Stored?.Index == steps ? Stored.Tier : "memory";
        Stored = null;
    }

    /// <summary>The slot holds the state after <see cref="StepsDone"/>.</summary>
    public void EnterSlot() => (Kept, IsInSlot) = (null, true);

    /// <summary>One prefill step was done; says whether the state it led to is to be kept.</summary>
    public bool Advance()
    {
        var isKept = StepsDone == _nextKept;
        StepsDone++;
        if (isKept)
        {
            FindNextKept();
        }

        return isKept;
    }

    /// <summary>Hands an element to the reader.</summary>
    public void Publish(GeneratedToken token) => _tokens!.Writer.TryWrite(token);

    /// <summary>The answer ended with this element; it is handed over by <see cref="Conclude"/>.</summary>
    public void Finish(GeneratedToken last) => (IsFinished, _last) = (true, last);

    /// <summary>The state at the prompt's end is there; it is handed over by <see cref="Conclude"/>.</summary>
    public void Finish(StateSnapshot snapshot) => (IsFinished, _snapshot) = (true, snapshot);

    /// <summary>It ends without a result, which nobody waits for.</summary>
    public void Drop() => IsFinished = true;

    /// <summary>The request ended with an error; it is handed over by <see cref="Conclude"/>.</summary>
    public void Fail(Exception error) => (IsFinished, _error) = (true, error);

    /// <summary>Hands the end over. Comes last, when the slot is free: whoever sees the end of an answer finds room for the next request.</summary>
    public void Conclude()
    {
        if (_error is null)
        {
            if (_last is not null)
            {
                Publish(_last);
            }

            _tokens?.Writer.TryComplete();
            _captured?.TrySetResult(_snapshot!);
        }
        else
        {
            _tokens?.Writer.TryComplete(_error);
            _captured?.TrySetException(_error);
        }
    }

    /// <summary>Positions behind the first <paramref name="steps"/> steps, from the very beginning.</summary>
    public long PositionAfter(int steps) => steps == 0 ? Prompt.Start : Prompt.Steps[steps - 1].Boundary.Position;

    private void FindNextKept()
    {
        _nextKept = StepsDone;
        while (_nextKept < Prompt.Steps.Length && !Prompt.Steps[_nextKept].IsKept && _nextKept + 1 != _divergence)
        {
            _nextKept++;
        }
    }
}
