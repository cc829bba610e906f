using RwkvSk.Engine.Constraints.Automata;

namespace RwkvSk.Engine.Constraints.Grammars;

/// <summary>JSON strings as byte automata, quotes included.</summary>
internal static class StringTables
{
    /// <summary>Any string in any spelling: valid UTF-8, every escape, surrogates only in pairs. Its characters can be counted.</summary>
    public static ByteTable Free { get; } = BuildFree();

    /// <summary>The strings whose content <paramref name="content"/> accepts, in the spelling of <see cref="JsonText"/>.</summary>
    public static ByteTable Of(Dfa content) => new Encoder(content).Build();

    private static ByteTable BuildFree()
    {
        var table = new ByteTableBuilder();
        var body = table.AddState();
        var end = table.AddState();
        table.Accept(end);
        table.Set(0, '"', body);
        table.Set(body, 0x20, 0x7F, body);
        table.Set(body, '"', end);

        // Multi-byte characters: tails[n] still needs n continuation bytes.
        int[] tails = [body, table.AddState(), table.AddState(), table.AddState()];
        for (var needed = 1; needed <= 3; needed++)
        {
            table.Set(tails[needed], 0x80, 0xBF, tails[needed - 1]);
        }

        table.Set(body, 0xC2, 0xDF, tails[1]);
        table.Set(body, 0xE0, 0xEF, tails[2]);
        table.Set(body, 0xF1, 0xF3, tails[3]);
        Special(0xE0, 0xA0, 0xBF, tails[1]);   // shorter forms exist below A0
        Special(0xED, 0x80, 0x9F, tails[1]);   // surrogates from A0 on
        Special(0xF0, 0x90, 0xBF, tails[2]);   // shorter forms exist below 90
        Special(0xF4, 0x80, 0x8F, tails[2]);   // past U+10FFFF from 90 on

        AddEscapes(table, body);
        return table.Build(body);

        void Special(int lead, int first, int last, int to)
        {
            var state = table.AddState();
            table.Set(body, lead, state);
            table.Set(state, first, last, to);
        }
    }

    private static void AddEscapes(ByteTableBuilder table, int body)
    {
        var escape = table.AddState();
        table.Set(body, '\\', escape);
        foreach (var letter in "\"\\/bfnrt")
        {
            table.Set(escape, letter, body);
        }

        int[] hex = [body, table.AddState(), table.AddState(), table.AddState()];   // hex[n] needs n more digits
        for (var needed = 1; needed <= 3; needed++)
        {
            Hex(hex[needed], "0123456789abcdefABCDEF", hex[needed - 1]);
        }

        var first = table.AddState();
        table.Set(escape, 'u', first);
        Hex(first, "0123456789abcefABCEF", hex[3]);

        // \uD800 to \uDBFF must be followed by \uDC00 to \uDFFF; the latter never stand alone.
        var afterD = table.AddState();
        Hex(first, "dD", afterD);
        Hex(afterD, "01234567", hex[2]);
        int[] high = [table.AddState(), table.AddState(), table.AddState()];
        Hex(afterD, "89abAB", high[2]);
        Hex(high[2], "0123456789abcdefABCDEF", high[1]);
        Hex(high[1], "0123456789abcdefABCDEF", high[0]);
        int[] low = [table.AddState(), table.AddState(), table.AddState()];
        table.Set(high[0], '\\', low[0]);
        table.Set(low[0], 'u', low[1]);
        Hex(low[1], "dD", low[2]);
        Hex(low[2], "cdefCDEF", hex[2]);

        void Hex(int from, string digits, int to)
        {
            foreach (var digit in digits)
            {
                table.Set(from, digit, to);
            }
        }
    }

    /// <summary>Spells the code points of an automaton as the bytes of a JSON string.</summary>
    private sealed class Encoder(Dfa content)
    {
        private readonly ByteTableBuilder _table = new();
        private readonly Dictionary<int, int> _states = [];
        private readonly Dictionary<(int Needed, int Target), int> _tails = [];
        private readonly Queue<int> _pending = new();

        public ByteTable Build()
        {
            var end = _table.AddState();
            _table.Accept(end);
            _table.Set(0, '"', StateOf(0));
            while (_pending.TryDequeue(out var state))
            {
                if (content.Accepts(state))
                {
                    _table.Set(_states[state], '"', end);
                }

                AddCharacters(state);
            }

            return _table.Build();
        }

        private int StateOf(int state)
        {
            if (!_states.TryGetValue(state, out var id))
            {
                id = _table.AddState();
                _states.Add(state, id);
                _pending.Enqueue(state);
            }

            return id;
        }

        private void AddCharacters(int state)
        {
            var spans = new List<Span>();
            for (var c = 0; c < content.ClassCount; c++)
            {
                if (content.NextByClass(state, c) is var to and not Dfa.Dead)
                {
                    var symbols = content.SymbolsOf(c);
                    spans.Add(new(symbols.First, symbols.Last, StateOf(to)));
                }
            }

            var from = _states[state];
            AddAscii(from, Cut(spans, 0, 0x7F));
            AddLeads(from, Cut(spans, 0x80, 0x7FF), 0xC0, 1);
            AddLeads(from, [.. Cut(spans, 0x800, 0xD7FF), .. Cut(spans, 0xE000, 0xFFFF)], 0xE0, 2);
            AddLeads(from, Cut(spans, 0x10000, 0x10FFFF), 0xF0, 3);
        }

        private void AddAscii(int from, List<Span> spans)
        {
            int? escape = null;
            int? unicode = null;
            int?[] rows = [null, null];   // after \u000 and \u001
            foreach (var span in spans)
            {
                for (var symbol = span.First; symbol <= span.Last; symbol++)
                {
                    if (JsonText.ShortEscape(symbol) is { } letter)
                    {
                        _table.Set(escape ??= Branch(from, '\\'), letter, span.Target);
                    }
                    else if (symbol < 0x20)
                    {
                        escape ??= Branch(from, '\\');
                        unicode ??= Branch(Branch(Branch(escape.Value, 'u'), '0'), '0');
                        rows[symbol >> 4] ??= Branch(unicode.Value, '0' + (symbol >> 4));
                        _table.Set(rows[symbol >> 4]!.Value, "0123456789abcdef"[symbol & 15], span.Target);
                    }
                    else
                    {
                        _table.Set(from, symbol, span.Target);
                    }
                }
            }
        }

        private int Branch(int from, int value)
        {
            var state = _table.AddState();
            _table.Set(from, value, state);
            return state;
        }

        private void AddLeads(int from, List<Span> spans, int mark, int tailLength)
        {
            var width = 1 << (6 * tailLength);
            foreach (var lead in LeadsOf(spans, width))
            {
                var inside = Cut(spans, lead * width, (lead * width) + width - 1);
                _table.Set(from, mark + lead, Tail(inside, lead * width, tailLength));
            }
        }

        /// <summary>The state that reads <paramref name="needed"/> continuation bytes of the characters from <paramref name="first"/> on.</summary>
        private int Tail(List<Span> spans, int first, int needed)
        {
            if (needed == 0)
            {
                return spans[0].Target;
            }

            var width = 1 << (6 * needed);
            var uniform = spans.Count == 1 && spans[0].First == first && spans[0].Last == first + width - 1;
            var key = (needed, uniform ? spans[0].Target : -1);
            if (uniform && _tails.TryGetValue(key, out var known))
            {
                return known;
            }

            var state = _table.AddState();
            if (uniform)
            {
                _tails.Add(key, state);
                _table.Set(state, 0x80, 0xBF, Tail([new(first, first + (width >> 6) - 1, spans[0].Target)], first, needed - 1));
                return state;
            }

            width >>= 6;
            foreach (var part in LeadsOf(spans, width))
            {
                var begin = part * width;
                _table.Set(state, 0x80 + (part & 0x3F), Tail(Cut(spans, begin, begin + width - 1), begin, needed - 1));
            }

            return state;
        }

        private static IEnumerable<int> LeadsOf(List<Span> spans, int width) => spans
            .SelectMany(span => Enumerable.Range(span.First / width, (span.Last / width) - (span.First / width) + 1)).Distinct();

        private static List<Span> Cut(List<Span> spans, int first, int last)
        {
            var cut = new List<Span>();
            foreach (var span in spans)
            {
                var (begin, end) = (Math.Max(span.First, first), Math.Min(span.Last, last));
                if (begin > end)
                {
                    continue;
                }

                // Neighbours that lead to the same place become one.
                if (cut.Count > 0 && cut[^1].Last == begin - 1 && cut[^1].Target == span.Target)
                {
                    cut[^1] = cut[^1] with { Last = end };
                }
                else
                {
                    cut.Add(new(begin, end, span.Target));
                }
            }

            return cut;
        }

        private readonly record struct Span(int First, int Last, int Target);
    }
}
