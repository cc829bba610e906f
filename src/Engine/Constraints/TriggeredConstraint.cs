using System.Text;
using RwkvSk.Engine.Constraints.Masks;

namespace RwkvSk.Engine.Constraints;

/// <summary>
/// Free text, until a certain text appears: from there on the answer must go on as another constraint says, until that is fulfilled; then the text is
/// free again. A model that decides by itself whether to call a function is left alone until it does, and cannot write the call wrong.
/// </summary>
/// <param name="opening">What appears first, for instance a fence.</param>
/// <param name="commitment">How what follows has to begin before the constraint takes hold: anything else after the opening is text.</param>
/// <param name="then">What follows the opening, the commitment included.</param>
internal sealed class TriggeredConstraint(string opening, string commitment, Constraint then) : Constraint
{
    private readonly byte[] _opening = Encoding.UTF8.GetBytes(opening);
    private readonly byte[] _commitment = Encoding.UTF8.GetBytes(commitment);

    internal override ConstraintCursor Start(VocabularyTrie vocabulary)
    {
        ArgumentNullException.ThrowIfNull(vocabulary);
        return new Cursor(this, vocabulary, IsUsable(vocabulary));
    }

    private ConstraintCursor Begin(VocabularyTrie vocabulary) => then.Start(vocabulary);

    /// <summary>A vocabulary without tokens for single bytes cannot be held to anything: its text stays free.</summary>
    private bool IsUsable(VocabularyTrie vocabulary)
    {
        try
        {
            Begin(vocabulary);
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private sealed class Cursor(TriggeredConstraint owner, VocabularyTrie vocabulary, bool usable) : ConstraintCursor
    {
        // Bytes of the free text that may be, or follow, the opening.
        private List<byte> _tail = [];
        private ConstraintCursor? _held;

        public override bool IsOpen => _held is null;

        public override bool MayEnd => _held?.MayEnd ?? true;

        public override bool MustEnd => false;

        public override void Mask(Span<float> logits) => _held?.Mask(logits);

        public override bool Allows(int tokenId) => _held?.Allows(tokenId) ?? true;

        public override bool TryForced(List<int> ids) => _held?.TryForced(ids) ?? false;

        public override void Accept(int tokenId)
        {
            if (!usable)
            {
                return;
            }

            if (_held is null)
            {
                _tail.AddRange(vocabulary.BytesOf(tokenId));
                LookForOpening();
                return;
            }

            _held.Accept(tokenId);
            Release();
        }

        public override ConstraintCursor Clone() => new Cursor(owner, vocabulary, usable) { _tail = [.. _tail], _held = _held?.Clone() };

        private void LookForOpening()
        {
            var tail = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_tail);
            var found = tail.LastIndexOf(owner._opening);
            if (found < 0)
            {
                // Only the end of the text can still grow into the opening.
                _tail.RemoveRange(0, Math.Max(0, tail.Length - owner._opening.Length + 1));
                return;
            }

            var rest = tail[(found + owner._opening.Length)..];
            var compared = Math.Min(rest.Length, owner._commitment.Length);
            var fits = rest[..compared].SequenceEqual(owner._commitment.AsSpan(0, compared));
            if (fits && compared < owner._commitment.Length)
            {
                return;
            }

            if (fits)
            {
                Hold(rest);
            }

            _tail.Clear();
        }

        /// <summary>Takes hold, if what was already written is allowed: a token may have brought more than the commitment.</summary>
        private void Hold(ReadOnlySpan<byte> written)
        {
            var held = owner.Begin(vocabulary);
            foreach (var value in written)
            {
                var node = vocabulary.Child(0, value);
                var token = node < 0 ? -1 : vocabulary.Tokens[node];
                if (token < 0 || !held.Allows(token))
                {
                    return;
                }

                held.Accept(token);
            }

            _held = held;
            Release();
        }

        private void Release()
        {
            if (_held is { MustEnd: true })
            {
                _held = null;
                _tail.Clear();
            }
        }
    }
}
