using System.Numerics;
using RwkvSk.Engine.Constraints.Automata;
using RwkvSk.Engine.Constraints.Patterns;

namespace RwkvSk.Engine.Constraints.Grammars;

/// <summary>
/// Numbers as byte automata. So that an answer cannot consist of digits without end, a number has at most 15 significant digits (which a double
/// keeps) or, for integers, 18 (which a long keeps), unless the bounds themselves need more. Only unbounded numbers may have an exponent.
/// </summary>
internal static class NumberTables
{
    private const int NumberDigits = 15;
    private const int IntegerDigits = 18;

    /// <summary>Any number.</summary>
    public static ByteTable Free { get; } = Of(Pattern.Whole(@"-?(0|[1-9]\d{0,14})(\.\d{1,15})?([eE][+\-]?\d{1,2})?"));

    /// <summary>The numbers of <paramref name="range"/>; null when there are none.</summary>
    /// <exception cref="AutomatonTooLargeException">The range cannot be told by a reasonable number of states.</exception>
    public static ByteTable? For(NumberRange range)
    {
        if (range.IsFree)
        {
            return Free;
        }

        var zero = new NumberBound(JsonDecimal.Zero, Exclusive: false);
        var cap = Cap(range);
        var lower = range.Lower ?? new NumberBound(cap.Negated, Exclusive: true);
        var upper = range.Upper ?? new NumberBound(cap, Exclusive: true);
        var nfa = new Nfa();
        if (upper.Value.Unscaled.Sign >= 0)
        {
            new DigitWriter(nfa, range, lower.Value.Unscaled.Sign >= 0 ? lower : zero, upper).Write(0);
        }

        if (lower.Value.Unscaled.Sign < 0)
        {
            // Below zero the magnitude runs the other way; zero itself has no sign.
            var least = upper.Value.Unscaled.Sign < 0 ? upper.Negate() : zero with { Exclusive = true };
            var sign = nfa.AddState();
            nfa.AddEdge(0, '-', '-', sign);
            new DigitWriter(nfa, range, least, lower.Negate()).Write(sign);
        }

        var dfa = Determinizer.Run(nfa, 128);
        return dfa.IsEmpty ? null : Of(dfa);
    }

    /// <summary>The same automaton over bytes; its symbols are ASCII.</summary>
    private static ByteTable Of(Dfa dfa)
    {
        var table = new ByteTableBuilder();
        for (var state = 1; state < dfa.StateCount; state++)
        {
            table.AddState();
        }

        for (var state = 0; state < dfa.StateCount; state++)
        {
            for (var c = 0; c < dfa.ClassCount; c++)
            {
                var symbols = dfa.SymbolsOf(c);
                if (dfa.NextByClass(state, c) is var to and not Dfa.Dead)
                {
                    table.Set(state, symbols.First, symbols.Last, to);
                }
            }

            if (dfa.Accepts(state))
            {
                table.Accept(state);
            }
        }

        return table.Build();
    }

    /// <summary>What stands in for infinity: a power of ten above every bound.</summary>
    private static JsonDecimal Cap(NumberRange range)
    {
        var digits = range.WholeOnly ? IntegerDigits : NumberDigits;
        foreach (var bound in new[] { range.Lower, range.Upper })
        {
            if (bound is { } given)
            {
                var magnitude = given.Value.Unscaled.Sign < 0 ? given.Value.Negated : given.Value;
                digits = Math.Max(digits, magnitude.WholeDigits().Length + 1);
            }
        }

        if (range.Multiple is { } multiple)
        {
            digits = Math.Max(digits, multiple.WholeDigits().Length + 1);
        }

        return JsonDecimal.PowerOfTen(digits);
    }

    /// <summary>
    /// Writes the digits of the numbers from low to high, neither of them negative. A state knows the place, whether the digits so far equal
    /// those of a bound (only then does the bound matter), and the remainder by the multiple.
    /// </summary>
    private sealed class DigitWriter
    {
        private readonly Nfa _nfa;
        private readonly NumberBound _low;
        private readonly NumberBound _high;
        private readonly string _lowWhole;
        private readonly string _highWhole;
        private readonly string _lowFraction;
        private readonly string _highFraction;
        private readonly NumberRange _range;
        private readonly int _multipleScale;
        private readonly BigInteger _modulus;
        private readonly Dictionary<Place, int> _states = [];
        private readonly Queue<Place> _pending = new();

        public DigitWriter(Nfa nfa, NumberRange range, NumberBound low, NumberBound high)
        {
            (_nfa, _range, _low, _high) = (nfa, range, low, high);
            (_lowWhole, _lowFraction) = (low.Value.WholeDigits(), low.Value.FractionDigits());
            (_highWhole, _highFraction) = (high.Value.WholeDigits(), high.Value.FractionDigits());
            _multipleScale = range.Multiple?.Scale ?? 0;
            _modulus = range.Multiple?.AtScale(_multipleScale) ?? BigInteger.One;
        }

        public void Write(int from)
        {
            var order = _low.Value.CompareTo(_high.Value);
            if (order > 0 || (order == 0 && (_low.Exclusive || _high.Exclusive)))
            {
                return;
            }

            for (var length = _lowWhole.Length; length <= _highWhole.Length; length++)
            {
                var tightLow = length == _lowWhole.Length;
                _nfa.AddJump(from, StateOf(new(length, 0, -1, tightLow, length == _highWhole.Length, BigInteger.Zero)));
            }

            while (_pending.TryDequeue(out var place))
            {
                Extend(place);
            }
        }

        private void Extend(Place place)
        {
            var state = _states[place];
            if (place.Read < place.Length)
            {
                var first = place.Read == 0 && place.Length > 1 ? 1 : 0;
                Digits(place, state, first, _lowWhole, _highWhole, place.Read, static (p) => p with { Read = p.Read + 1 });
                return;
            }

            if (MayEnd(place))
            {
                _nfa.Accept(state);
            }

            var most = _range.WholeOnly ? 0 : MostFractionDigits(place.Length);
            if (place.Fraction < 0 && most > 0)
            {
                _nfa.AddEdge(state, '.', '.', StateOf(place with { Fraction = 0 }));
            }
            else if (place.Fraction >= 0 && place.Fraction < most)
            {
                Digits(place, state, 0, _lowFraction, _highFraction, place.Fraction, static (p) => p with { Fraction = p.Fraction + 1 });
            }
        }

        private void Digits(Place place, int state, int first, string low, string high, int at, Func<Place, Place> advance)
        {
            var lowDigit = place.TightLow ? DigitAt(low, at) : 0;
            var highDigit = place.TightHigh ? DigitAt(high, at) : 9;
            for (var digit = Math.Max(first, lowDigit); digit <= highDigit; digit++)
            {
                var next = advance(place) with
                {
                    TightLow = place.TightLow && digit == lowDigit,
                    TightHigh = place.TightHigh && digit == highDigit,
                    Remainder = ((place.Remainder * 10) + digit) % _modulus,
                };
                _nfa.AddEdge(state, '0' + digit, '0' + digit, StateOf(next));
            }
        }

        private bool MayEnd(Place place)
        {
            var read = Math.Max(place.Fraction, 0);
            var belowLow = place.TightLow && (_low.Exclusive || !IsZeroFrom(_lowFraction, read));
            var aboveHigh = place.TightHigh && _high.Exclusive && IsZeroFrom(_highFraction, read);
            if (place.Fraction == 0 || belowLow || aboveHigh)   // a point needs a digit behind it
            {
                return false;
            }

            return IsMultiple(place, read);
        }

        private bool IsMultiple(Place place, int read) => place.Remainder * BigInteger.Pow(10, _multipleScale - Math.Min(read, _multipleScale)) % _modulus == 0;

        private int MostFractionDigits(int length) => _range.Multiple is not null
            ? _multipleScale
            : Math.Max(NumberDigits - length, Math.Max(_lowFraction.Length, _highFraction.Length) + 1);

        private int StateOf(Place place)
        {
            if (!_states.TryGetValue(place, out var state))
            {
                state = _nfa.AddState();
                _states.Add(place, state);
                _pending.Enqueue(place);
            }

            return state;
        }

        private static int DigitAt(string digits, int at) => at < digits.Length ? digits[at] - '0' : 0;

        private static bool IsZeroFrom(string digits, int at) => at >= digits.Length || digits.AsSpan(at).IndexOfAnyExcept('0') < 0;

        /// <param name="Length">Digits before the point.</param>
        /// <param name="Read">How many of them are written.</param>
        /// <param name="Fraction">Digits written after the point; -1 before the point.</param>
        /// <param name="TightLow">All digits so far are those of the lower bound.</param>
        /// <param name="TightHigh">All digits so far are those of the upper bound.</param>
        /// <param name="Remainder">Of the digits so far, by the multiple.</param>
        private readonly record struct Place(int Length, int Read, int Fraction, bool TightLow, bool TightHigh, BigInteger Remainder);
    }
}
