using System.Text;
using RwkvSk.Engine.Constraints;
using RwkvSk.Engine.Constraints.Masks;
using RwkvSk.Engine.Tokenization;
using Xunit;

namespace RwkvSk.Engine.Tests.Constraints;

/// <summary>Writes answers as a model with random weights does: every logit is noise, only the constraint knows what it is about.</summary>
internal sealed class RandomWriter(ITokenizer tokenizer, int seed)
{
    private readonly Random _random = new(seed);
    private readonly float[] _logits = new float[tokenizer.VocabularySize + 7];
    private readonly List<byte> _bytes = [];

    public VocabularyTrie Vocabulary { get; } = new(tokenizer);

    /// <summary>One answer; null where it was cut off.</summary>
    /// <param name="constraint">What it must look like.</param>
    /// <param name="temperature">0 takes the largest logit.</param>
    /// <param name="maximumTokens">Where it is cut off.</param>
    /// <param name="hurry">From this token on, what closes something is made likely.</param>
    public string? Write(Constraint constraint, double temperature, int maximumTokens = 600, int hurry = 60)
    {
        var cursor = constraint.Start(Vocabulary);
        _bytes.Clear();
        for (var i = 0; i < maximumTokens; i++)
        {
            if (cursor.MustEnd || (cursor.MayEnd && _random.Next(4) == 0))
            {
                return Encoding.UTF8.GetString([.. _bytes]);
            }

            FillLogits(i >= hurry ? 12 : 0);
            cursor.Mask(_logits);
            var token = Sample(temperature);
            Assert.True(token >= 0 || cursor.MayEnd, $"dead end after {Encoding.UTF8.GetString([.. _bytes])}");
            if (token < 0)
            {
                return Encoding.UTF8.GetString([.. _bytes]);
            }

            cursor.Accept(token);
            _bytes.AddRange(tokenizer.BytesOf(token));
        }

        return null;
    }

    private void FillLogits(float closing)
    {
        for (var i = 0; i < _logits.Length; i++)
        {
            _logits[i] = _random.NextSingle() * 8;
            if (closing > 0 && i < tokenizer.VocabularySize && tokenizer.BytesOf(i) is [(byte)'"' or (byte)'}' or (byte)']'])
            {
                _logits[i] += closing;
            }
        }
    }

    /// <summary>Gumbel's trick: the largest of logit / temperature + noise is a sample of the softmax.</summary>
    private int Sample(double temperature)
    {
        var (best, bestScore) = (-1, double.NegativeInfinity);
        for (var i = 0; i < _logits.Length; i++)
        {
            if (float.IsNegativeInfinity(_logits[i]))
            {
                continue;
            }

            var score = temperature == 0 ? _logits[i] : (_logits[i] / temperature) - Math.Log(-Math.Log(1 - _random.NextDouble()));
            if (score > bestScore || best < 0)
            {
                (best, bestScore) = (i, score);
            }
        }

        return best;
    }
}
