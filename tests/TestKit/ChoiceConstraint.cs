using System.Text;
using RwkvSk.Engine.Constraints;
using RwkvSk.Engine.Constraints.Masks;

namespace RwkvSk.TestKit;

/// <summary>The answer is one of some texts; over <see cref="ByteTokenizer"/>.</summary>
internal sealed class ChoiceConstraint(params string[] choices) : Constraint
{
    internal override ConstraintCursor Start(VocabularyTrie vocabulary) => new Cursor([.. choices.Select(Encoding.UTF8.GetBytes)], 0);

    private sealed class Cursor(List<byte[]> left, int depth) : ConstraintCursor
    {
        private List<byte[]> _left = left;
        private int _depth = depth;

        public override bool MayEnd => _left.Exists(choice => choice.Length == _depth);

        public override bool MustEnd => _left.TrueForAll(choice => choice.Length == _depth);

        public override void Mask(Span<float> logits)
        {
            for (var id = 0; id < logits.Length; id++)
            {
                if (!Allows(id))
                {
                    logits[id] = float.NegativeInfinity;
                }
            }
        }

        public override bool Allows(int tokenId) => _left.Exists(choice => choice.Length > _depth && choice[_depth] + 1 == tokenId);

        public override bool TryForced(List<int> ids) => false;

        public override void Accept(int tokenId)
        {
            _left = [.. _left.Where(choice => choice.Length > _depth && choice[_depth] + 1 == tokenId)];
            _depth++;
        }

        public override ConstraintCursor Clone() => new Cursor([.. _left], _depth);
    }
}
