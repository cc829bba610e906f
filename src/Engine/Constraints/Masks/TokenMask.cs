using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace RwkvSk.Engine.Constraints.Masks;

/// <summary>A set of tokens, one bit each.</summary>
internal sealed class TokenMask(int vocabularySize)
{
    private readonly ulong[] _words = new ulong[(vocabularySize + 63) / 64];

    public Span<ulong> Words => _words;

    /// <summary>How many tokens are allowed.</summary>
    public int Count
    {
        get
        {
            var count = 0;
            foreach (var word in _words)
            {
                count += BitOperations.PopCount(word);
            }

            return count;
        }
    }

    public bool Contains(int id) => (uint)id < (uint)vocabularySize && ((_words[id >> 6] >> (id & 63)) & 1) != 0;

    public void Add(int id) => _words[id >> 6] |= 1UL << (id & 63);

    public void Clear() => Array.Clear(_words);

    /// <summary>Sets the logits of all other tokens, those past the vocabulary included, to negative infinity.</summary>
    public void Apply(Span<float> logits)
    {
        var whole = Math.Min(_words.Length, logits.Length / 64);
        for (var i = 0; i < whole; i++)
        {
            ApplyWord(logits.Slice(i * 64, 64), _words[i]);
        }

        for (var id = whole * 64; id < logits.Length; id++)
        {
            if (!Contains(id))
            {
                logits[id] = float.NegativeInfinity;
            }
        }
    }

    private static void ApplyWord(Span<float> logits, ulong word)
    {
        if (word == 0)
        {
            logits.Fill(float.NegativeInfinity);
        }
        else if (word != ulong.MaxValue)
        {
            // Eight bits at a time: each lane looks at its own bit.
            ref var first = ref MemoryMarshal.GetReference(logits);
            var bits = Vector256.Create(1, 2, 4, 8, 16, 32, 64, 128);
            var never = Vector256.Create(float.NegativeInfinity);
            for (var lane = 0; lane < 64; lane += 8)
            {
                var allowed = Vector256.Equals(Vector256.Create((int)(word >> lane) & 0xFF) & bits, bits).AsSingle();
                var values = Vector256.LoadUnsafe(ref first, (nuint)lane);
                Vector256.ConditionalSelect(allowed, values, never).StoreUnsafe(ref first, (nuint)lane);
            }
        }
    }
}
