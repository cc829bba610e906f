using System.Buffers;
using System.Security.Cryptography;

namespace RwkvSk.Engine.Sampling;

/// <summary>
/// One row of logits -> one id, in RWKV's order: penalties, softmax, top-p on the untempered probabilities (all that tie with the last kept one are
/// kept), top-k, then the probabilities to the power of 1 / temperature, then the draw. One per sequence: it remembers what was generated.
/// </summary>
internal sealed class Sampler
{
    private readonly SamplingOptions _options;
    private readonly SamplingVocabulary _vocabulary;
    private readonly RepetitionPenalty _penalty;
    private SeededGenerator _generator;

    /// <summary>Starts a sequence.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside of its range.</exception>
    public Sampler(SamplingOptions options, SamplingVocabulary vocabulary)
    {
        options.Validate();
        _options = options;
        _vocabulary = vocabulary;
        _penalty = new RepetitionPenalty(options, vocabulary);
        _generator = new SeededGenerator(options.Seed ?? BitConverter.ToInt64(RandomNumberGenerator.GetBytes(sizeof(long))));
    }

    /// <summary>How the next token is chosen, where nothing but the logits and the forbidden ids has a say; null where penalties do.</summary>
    public TokenChoice? Choice => _penalty.IsUsed ? null : new TokenChoice(_options.Temperature, _options.TopP, _options.TopK, _generator.Seed, _generator.Drawn);

    /// <summary>Goes on from a token that was chosen elsewhere, as <see cref="Choice"/> says.</summary>
    /// <returns>The token.</returns>
    /// <exception cref="InvalidOperationException">There was nothing to choose from.</exception>
    public int Accept(ChosenToken chosen)
    {
        if (chosen.Id == ChosenToken.None)
        {
            throw new InvalidOperationException($"the model's logits contain a value that is not a number, or none of the {_vocabulary.Size} ids may be sampled");
        }

        _generator.Drawn = chosen.Drawn;
        Observe(chosen.Id);
        return chosen.Id;
    }

    /// <summary>Chooses the next token and remembers it.</summary>
    /// <param name="logits">[V]; the values are used up. Negative infinity forbids an id.</param>
    /// <exception cref="InvalidOperationException">Every id is forbidden, or a logit is not a number.</exception>
    public int Sample(Span<float> logits)
    {
        var max = Prepare(logits);
        var id = _options.Temperature == 0 || float.IsPositiveInfinity(max) ? Logits.FirstIndexOf(logits, max) : Draw(logits, max);
        Observe(id);
        return id;
    }

    /// <summary>Remembers a token that was chosen without sampling, for the penalties.</summary>
    public void Observe(int id) => _penalty.Observe(id);

    /// <summary>Replaces the logits by the probabilities that <see cref="Sample"/> would draw with, and draws nothing.</summary>
    internal void ToProbabilities(Span<float> logits)
    {
        var max = Prepare(logits);
        if (_options.Temperature == 0)
        {
            var best = Logits.FirstIndexOf(logits, max);
            logits.Clear();
            logits[best] = 1;
            return;
        }

        var (ids, weights) = (new int[logits.Length], new float[logits.Length]);
        var count = Keep(logits, max, ids, weights, out var total);
        logits.Clear();
        for (var i = 0; i < count; i++)
        {
            logits[ids[i]] = (float)(weights[i] / total);
        }
    }

    // Penalises, forbids, and returns the largest logit.
    private float Prepare(Span<float> logits)
    {
        if (logits.Length != _vocabulary.Size)
        {
            throw new ArgumentException($"{logits.Length} logits for a vocabulary of {_vocabulary.Size} ids", nameof(logits));
        }

        _penalty.Apply(logits);
        foreach (var id in _vocabulary.Forbidden)
        {
            logits[id] = float.NegativeInfinity;
        }

        var max = Logits.Max(logits);
        return float.IsNaN(max) ? throw new InvalidOperationException("the model's logits contain a value that is not a number")
            : float.IsNegativeInfinity(max) ? throw new InvalidOperationException($"none of the {logits.Length} ids may be sampled: all logits are negative infinity")
            : max;
    }

    private int Draw(Span<float> logits, float max)
    {
        var ids = ArrayPool<int>.Shared.Rent(logits.Length);
        var weights = ArrayPool<float>.Shared.Rent(logits.Length);
        try
        {
            var count = Keep(logits, max, ids, weights, out var total);
            var point = _generator.NextDouble() * total;
            var i = 0;
            while (i < count - 1 && point >= weights[i])
            {
                point -= weights[i];
                i++;
            }

            return ids[i];
        }
        finally
        {
            ArrayPool<int>.Shared.Return(ids);
            ArrayPool<float>.Shared.Return(weights);
        }
    }

    // Top-p, top-k and temperature. Weights are probabilities times a constant (the most likely has 1 before the temperature), listed by ascending id.
    private int Keep(Span<float> logits, float max, Span<int> ids, Span<float> weights, out double total)
    {
        var sum = Logits.ExpInPlace(logits, max);

        // V ids below (1 - p) / V have less than 1 - p together, so the cut cannot lie among them: usually leaves hundreds of 65,536.
        var least = _options.TopP < 1 ? (1 - (double)_options.TopP) * sum / logits.Length : 0;
        var count = Logits.Gather(logits, (float)least, ids, weights);

        // The row is not needed any more and serves as scratch for the partitioning.
        if (_options.TopP < 1)
        {
            weights[..count].CopyTo(logits);
            var cut = LargestWeights.CutByMass(logits[..count], _options.TopP * sum);
            count = Filter(ids, weights, count, cut, equalsKept: count);
        }

        if (_options.TopK > 0 && _options.TopK < count)
        {
            weights[..count].CopyTo(logits);
            var cut = LargestWeights.CutByCount(logits[..count], _options.TopK, out var equalsKept);
            count = Filter(ids, weights, count, cut, equalsKept);
        }

        total = 0;
        foreach (ref var weight in weights[..count])
        {
            weight = _options.Temperature == 1 ? weight : MathF.Pow(weight, 1 / _options.Temperature);
            total += weight;
        }

        return count;
    }

    // Keeps what weighs more than the cut, and of what equals it the first few.
    private static int Filter(Span<int> ids, Span<float> weights, int count, float cut, int equalsKept)
    {
        var kept = 0;
        for (var i = 0; i < count; i++)
        {
            if (weights[i] > cut || (weights[i] == cut && equalsKept-- > 0))
            {
                (ids[kept], weights[kept]) = (ids[i], weights[i]);
                kept++;
            }
        }

        return kept;
    }
}
