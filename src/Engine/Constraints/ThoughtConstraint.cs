using System.Runtime.InteropServices;
using System.Text;
using RwkvSk.Engine.Constraints.Masks;

namespace RwkvSk.Engine.Constraints;

/// <summary>
/// A thought that the prompt has opened: free text until the model closes it. One that has reached its budget is closed for the model, which then goes on with
/// its answer, in the same sequence: what it has thought so far stays read.
/// </summary>
/// <param name="budget">Tokens after which the thought is closed; at least 1.</param>
/// <param name="closing">What closes it.</param>
/// <param name="then">What the answer behind it must look like; null is free text.</param>
internal sealed class ThoughtConstraint(int budget, string closing, Constraint? then) : Constraint
{
    private readonly int _budget = budget;
    private readonly byte[] _closing = Encoding.UTF8.GetBytes(closing);
    private readonly byte[] _closingLine = Encoding.UTF8.GetBytes($"\n{closing}");

    internal override ConstraintCursor Start(VocabularyTrie vocabulary)
    {
        ArgumentNullException.ThrowIfNull(vocabulary);
        return new Cursor(this, vocabulary, then?.Start(vocabulary));
    }

    private sealed class Cursor(ThoughtConstraint owner, VocabularyTrie vocabulary, ConstraintCursor? answer) : ConstraintCursor
    {
        // The end of the thought, as far as it may be the beginning of what closes it.
        private List<byte> _tail = [];
        private int _tokens;
        private bool _isClosed;

        public override bool IsOpen => Answer?.IsOpen ?? true;

        public override bool MayEnd => Answer?.MayEnd ?? true;

        public override bool MustEnd => Answer?.MustEnd ?? false;

        /// <summary>Null as long as it is thinking.</summary>
        private ConstraintCursor? Answer => _isClosed ? answer : null;

        public override void Mask(Span<float> logits) => Answer?.Mask(logits);

        public override bool Allows(int tokenId) => Answer?.Allows(tokenId) ?? true;

        public override bool TryForced(List<int> ids)
        {
            ArgumentNullException.ThrowIfNull(ids);
            if (_isClosed)
            {
                return Answer?.TryForced(ids) ?? false;
            }

            if (_tokens < owner._budget)
            {
                return false;
            }

            vocabulary.Encode(owner._closingLine, ids);
            return true;
        }

        public override void Accept(int tokenId)
        {
            if (_isClosed)
            {
                Answer?.Accept(tokenId);
                return;
            }

            _tokens++;
            _tail.AddRange(vocabulary.BytesOf(tokenId));
            _isClosed = CollectionsMarshal.AsSpan(_tail).IndexOf(owner._closing) >= 0;
            _tail.RemoveRange(0, Math.Max(0, _tail.Count - owner._closing.Length + 1));
        }

        public override ConstraintCursor Clone() => new Cursor(owner, vocabulary, answer?.Clone()) { _tail = [.. _tail], _tokens = _tokens, _isClosed = _isClosed };
    }
}
