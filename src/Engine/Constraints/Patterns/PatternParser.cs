using System.Globalization;
using RwkvSk.Engine.Constraints.Automata;

namespace RwkvSk.Engine.Constraints.Patterns;

/// <summary>
/// Reads the part of ECMAScript's regular expressions that is regular: no look-around, no back-references, no word boundaries. Lazy quantifiers
/// describe the same texts as greedy ones.
/// </summary>
internal sealed class PatternParser
{
    private const int MaximumRepeats = 10_000;
    private const int MaximumNesting = 200;

    private readonly int[] _pattern;
    private int _at;
    private int _depth;

    private PatternParser(string pattern) => _pattern = [.. pattern.EnumerateRunes().Select(static r => r.Value)];

    public static PatternNode Parse(string pattern)
    {
        var parser = new PatternParser(pattern);
        var node = parser.Alternation();
        return parser._at == parser._pattern.Length ? node : throw new PatternException($"')' at {parser._at} closes nothing");
    }

    private PatternNode Alternation()
    {
        if (++_depth > MaximumNesting)
        {
            throw new PatternException($"groups are nested more than {MaximumNesting} deep");
        }

        var options = new List<PatternNode> { Sequence() };
        while (TryTake('|'))
        {
            options.Add(Sequence());
        }

        _depth--;
        return options.Count == 1 ? options[0] : new PatternNode.Alternation(options);
    }

    private PatternNode.Sequence Sequence()
    {
        var parts = new List<PatternNode>();
        while (_at < _pattern.Length && _pattern[_at] is not ('|' or ')'))
        {
            parts.Add(Quantified(Atom()));
        }

        return new(parts);
    }

    private PatternNode Atom()
    {
        switch (_pattern[_at++])
        {
            case '^':
                return new PatternNode.Anchor(JumpCondition.AtStart);
            case '$':
                return new PatternNode.Anchor(JumpCondition.AtEnd);
            case '.':
                return new PatternNode.Symbols(PatternClasses.Dot);
            case '(':
                return Group();
            case '[':
                return new PatternNode.Symbols(Class());
            case '\\':
                return new PatternNode.Symbols(PatternEscape.Read(_pattern, ref _at, inClass: false));
            case '*' or '+' or '?':
                throw new PatternException($"the quantifier at {_at - 1} has nothing to repeat");
            case var other:
                return new PatternNode.Symbols(SymbolSet.Single(other));
        }
    }

    private PatternNode Group()
    {
        if (TryTake('?'))
        {
            if (TryTake('<') && _at < _pattern.Length && _pattern[_at] is not ('=' or '!'))
            {
                while (_at < _pattern.Length && _pattern[_at] != '>')
                {
                    _at++;
                }

                Expect('>');
            }
            else if (!TryTake(':'))
            {
                throw new PatternException($"the group at {_at - 2} is not regular (look-around or flags)");
            }
        }

        var inner = Alternation();
        Expect(')');
        return inner;
    }

    private PatternNode Quantified(PatternNode item)
    {
        while (_at < _pattern.Length)
        {
            (int Minimum, int? Maximum)? bounds = _pattern[_at] switch
            {
                '*' => (0, null),
                '+' => (1, null),
                '?' => (0, 1),
                '{' => Braces(),
                _ => null,
            };
            if (bounds is null)
            {
                break;
            }

            if (item is PatternNode.Anchor)
            {
                throw new PatternException($"an anchor is repeated at {_at}");
            }

            if (_pattern[_at] != '{')
            {
                _at++;
            }
            else
            {
                _at = Array.IndexOf(_pattern, '}', _at) + 1;
            }

            TryTake('?');
            item = new PatternNode.Repetition(item, bounds.Value.Minimum, bounds.Value.Maximum);
        }

        return item;
    }

    /// <summary>{n}, {n,} or {n,m} at the current place, which it leaves; null where the brace is a plain character.</summary>
    private (int Minimum, int? Maximum)? Braces()
    {
        var close = Array.IndexOf(_pattern, '}', _at);
        if (close < 0)
        {
            return null;
        }

        var text = string.Concat(_pattern[(_at + 1)..close].Select(char.ConvertFromUtf32));
        var parts = text.Split(',');
        if (parts.Length > 2 || !TryCount(parts[0], out var minimum))
        {
            return null;
        }

        if (parts.Length == 1 || parts[1].Length == 0)
        {
            return (minimum, parts.Length == 1 ? minimum : null);
        }

        return TryCount(parts[1], out var maximum) && maximum >= minimum
            ? (minimum, maximum)
            : throw new PatternException($"'{{{text}}}' is not a repeat count");
    }

    private static bool TryCount(string text, out int count)
    {
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out count))
        {
            return false;
        }

        return count <= MaximumRepeats ? true : throw new PatternException($"a repeat count is {count}, at most {MaximumRepeats} is supported");
    }

    private SymbolSet Class()
    {
        var negated = TryTake('^');
        var set = SymbolSet.Of();
        while (_at < _pattern.Length && _pattern[_at] != ']')
        {
            var low = ClassAtom();
            if (_at + 1 < _pattern.Length && _pattern[_at] == '-' && _pattern[_at + 1] != ']')
            {
                _at++;
                var high = ClassAtom();
                var (first, last) = (SingleOf(low), SingleOf(high));
                low = first <= last ? SymbolSet.Of(new SymbolRange(first, last)) : throw new PatternException("a character range runs backwards");
            }

            set = set.Union(low);
        }

        Expect(']');
        return negated ? SymbolSet.Scalars.Except(set) : set;
    }

    private SymbolSet ClassAtom()
    {
        if (_at >= _pattern.Length)
        {
            throw new PatternException("'[' is not closed");
        }

        var symbol = _pattern[_at++];
        return symbol == '\\' ? PatternEscape.Read(_pattern, ref _at, inClass: true) : SymbolSet.Single(symbol);
    }

    private static int SingleOf(SymbolSet set) => set.Ranges is [var only] && only.First == only.Last
        ? only.First
        : throw new PatternException("a character range needs a single character at each end");

    private bool TryTake(char expected)
    {
        if (_at < _pattern.Length && _pattern[_at] == expected)
        {
            _at++;
            return true;
        }

        return false;
    }

    private void Expect(char expected)
    {
        if (!TryTake(expected))
        {
            throw new PatternException($"'{expected}' is missing at {_at}");
        }
    }
}
