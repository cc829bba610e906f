using RwkvSk.Engine.Constraints;
using RwkvSk.Engine.Constraints.Masks;
using RwkvSk.Engine.Sampling;
using RwkvSk.Engine.Tokenization;

namespace RwkvSk.Engine.Scheduling;

/// <summary>One step of an answer: the token, the text that it set free, and why the answer ended with it, if it did.</summary>
internal readonly record struct AnswerStep(int Id, string Text, FinishReason? FinishReason);

/// <summary>
/// One answer in the making: logits go in; token, text and end come out. Where the constraint leaves no choice, tokens come out without logits. Constraint,
/// sampler, characters and stop texts are walked here, by the loop's thread alone.
/// </summary>
internal sealed class Answer
{
    /// <summary>The World vocabulary's end of a document; it has no bytes.</summary>
    public const int EndOfText = 0;

    private readonly ITokenizer _tokenizer;
    private readonly int _maximumTokens;
    private readonly Sampler _sampler;
    private readonly ConstraintCursor? _constraint;
    private readonly int[] _endings;
    private readonly Utf8Assembler _characters = new();
    private readonly StopMatcher _stop;

    // Tokens without a choice, from where the constraint stood when it was last asked.
    private readonly List<int> _forced = [];
    private int _forcedTaken;

    /// <summary>Prepares an answer.</summary>
    /// <param name="options">How it is generated.</param>
    /// <param name="tokenizer">Gives the tokens their bytes.</param>
    /// <param name="vocabulary">What the sampler must know about them.</param>
    /// <param name="trie">What a constraint must know about them.</param>
    public Answer(GenerationOptions options, ITokenizer tokenizer, SamplingVocabulary vocabulary, VocabularyTrie trie)
    {
        _tokenizer = tokenizer;
        _maximumTokens = options.MaximumTokens;
        _sampler = new Sampler(options.Sampling, vocabulary);
        _constraint = options.Constraint?.Start(trie);
        _stop = new StopMatcher(options.StopSequences);
        _endings = _constraint is null ? [] : EndingTokens(options.StopSequences, tokenizer);
    }

    /// <summary>Tokens so far, sampled or without a choice.</summary>
    public int Tokens { get; private set; }

    /// <summary>How the next token is chosen, where nothing but its logits decides: no constraint is at work and no penalty counts. Null where <see cref="Next(Span{float})"/> wants them.</summary>
    public TokenChoice? Choice => IsFree ? _sampler.Choice : null;

    private bool IsFree => _constraint is null or { IsOpen: true };

    /// <summary>Takes the token that was chosen as <see cref="Choice"/> said.</summary>
    public AnswerStep Next(ChosenToken chosen) => Take(_sampler.Accept(chosen));

    /// <summary>Chooses the next token.</summary>
    /// <param name="logits">[V]; changed by the constraint and the sampler.</param>
    public AnswerStep Next(Span<float> logits)
    {
        return Take(IsFree ? _sampler.Sample(logits) : SampleConstrained(_constraint!, logits));
    }

    /// <summary>The next token, where the constraint leaves no choice: it is taken as it is, and counts and is remembered like a sampled one.</summary>
    /// <returns>false where the model has a say, or the constraint's next bytes may still become part of a longer token.</returns>
    public bool TryForced(out AnswerStep step)
    {
        if (_forcedTaken == _forced.Count)
        {
            _forced.Clear();
            _forcedTaken = 0;
            if (_constraint is null || !_constraint.TryForced(_forced))
            {
                step = default;
                return false;
            }
        }

        var id = _forced[_forcedTaken++];
        _sampler.Observe(id);
        step = Take(id);
        return true;
    }

    private AnswerStep Take(int id)
    {
        Tokens++;
        if (id == EndOfText)
        {
            return End(id, "", FinishReason.Stop);
        }

        var text = _stop.Append(_characters.Append(_tokenizer.BytesOf(id)));
        if (_stop.Stopped)
        {
            return new AnswerStep(id, text, FinishReason.Stop);
        }

        _constraint?.Accept(id);
        return _constraint is { MustEnd: true } ? End(id, text, FinishReason.Stop)
            : Tokens == _maximumTokens ? End(id, text, FinishReason.Length)
            : new AnswerStep(id, text, null);
    }

    /// <summary>What was held back belongs to the answer after all: nothing can follow that would make it a stop text.</summary>
    private AnswerStep End(int id, string text, FinishReason reason)
    {
        text += _stop.Append(_characters.Flush());
        return _stop.Stopped ? new AnswerStep(id, text, FinishReason.Stop) : new AnswerStep(id, text + _stop.Flush(), reason);
    }

    private int SampleConstrained(ConstraintCursor constraint, Span<float> logits)
    {
        // The wish to end shows in the end-of-text token or in the first token of a stop text; a mask knows neither.
        var ending = float.NegativeInfinity;
        if (constraint.MayEnd)
        {
            ending = logits[EndOfText];
            foreach (var token in _endings)
            {
                ending = Math.Max(ending, logits[token]);
            }
        }

        constraint.Mask(logits);
        logits[EndOfText] = ending;
        return _sampler.Sample(logits);
    }

    private static int[] EndingTokens(IReadOnlyList<string> stopSequences, ITokenizer tokenizer)
    {
        var endings = new HashSet<int>();
        var ids = new List<int>();
        foreach (var stop in stopSequences)
        {
            ids.Clear();
            tokenizer.Encode(System.Text.Encoding.UTF8.GetBytes(stop), ids);
            endings.Add(ids[0]);
        }

        return [.. endings];
    }
}
