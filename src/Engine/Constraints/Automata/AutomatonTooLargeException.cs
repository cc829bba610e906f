namespace RwkvSk.Engine.Constraints.Automata;

/// <summary>An automaton grew past its limit. Caught where the keyword that asked for it is known, so it never leaves the room.</summary>
internal sealed class AutomatonTooLargeException(int limit) : Exception($"the automaton has more than {limit} states");
