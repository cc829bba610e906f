using RwkvSk.Engine.Prompts;

namespace RwkvSk.TestKit;

/// <summary>
/// What two agents ask over an afternoon: each a system text with eight tools, twenty turns with tool rounds, pictures, edited messages and answers asked for
/// again, one beside the other. Equal seeds give equal traces. With <see cref="ByteTokenizer"/>, a position is a byte.
/// </summary>
internal static class AgentTrace
{
    private const int Turns = 20, Tools = 8, Pictures = 3;

    /// <summary>The prompts in the order they come.</summary>
    public static IReadOnlyList<Prompt> Create(int seed = 7)
    {
        var random = new Random(seed);
        Agent[] agents = [new("planner", random), new("reviewer", random)];
        var prompts = new List<Prompt>();
        for (var turn = 0; turn < Turns; turn++)
        {
            foreach (var agent in agents)
            {
                agent.Turn(turn, prompts);
            }
        }

        return prompts;
    }

    /// <summary>One agent's conversation as it grows.</summary>
    private sealed class Agent(string name, Random random)
    {
        private readonly List<Turn> _history =
        [
            new Turn($"System: You are the {name}. {Words(random, 60)}\n\nTools:\n{string.Join('\n', Enumerable.Range(0, Tools).Select(i => $"tool_{i}({Words(random, 20)})"))}\n\n"),
        ];

        public void Turn(int turn, List<Prompt> prompts)
        {
            if (turn % 7 == 6)   // the person changes what they said two turns ago, and all that followed is gone
            {
                var said = _history.FindLastIndex(_history.Count - 4, static past => IsUser(past));
                _history.RemoveRange(said, _history.Count - said);
            }

            var text = new TextSegment(Words(random, random.Next(8, 60)) + "\n\n");
            _history.Add(turn % (Turns / Pictures) == 3
                ? new Turn(new TextSegment("User: "), new ImageSegment(new[] { (byte)turn, (byte)name.Length }), text)
                : new Turn(new TextSegment("User: "), text));
            for (var round = random.Next(3); round > 0; round--)
            {
                Ask(prompts);
                _history.Add(new Turn($"Assistant: <call>{Words(random, 8)}</call>\n\n"));
                _history.Add(new Turn($"Tool: {Words(random, random.Next(5, 150))}\n\n"));
            }

            Ask(prompts);
            if (random.Next(5) == 0)
            {
                Ask(prompts);   // the answer is asked for again
            }

            _history.Add(new Turn($"Assistant: {Words(random, random.Next(10, 80))}\n\n"));
        }

        private static bool IsUser(Turn turn) => turn.Segments is [TextSegment { Text: "User: " }, ..];

        private static string Words(Random random, int count) =>
            string.Join(' ', Enumerable.Range(0, count).Select(_ => new string((char)('a' + random.Next(26)), random.Next(1, 9))));

        private void Ask(List<Prompt> prompts) => prompts.Add(new Prompt([.. _history, new Turn("Assistant:")]));
    }
}
