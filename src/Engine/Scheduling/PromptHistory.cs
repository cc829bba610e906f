using RwkvSk.Engine.States;

namespace RwkvSk.Engine.Scheduling;

/// <summary>
/// What was asked for lately, as keys alone: tells how far a prompt goes along with an earlier one, and so where two part and why something had to be read.
/// </summary>
internal sealed class PromptHistory
{
    private const int Prompts = 32;
    private const int MostSteps = 4096;   // per prompt: 128 KiB of keys

    private readonly Queue<PrefixKey[]> _outlines = new();

    /// <summary>The most steps that any earlier prompt has in common with this one, from the start.</summary>
    public int Shared(EncodedPrompt prompt)
    {
        var shared = 0;
        foreach (var outline in _outlines)
        {
            // A key names everything before it, so equal keys mean equal prefixes: only longer ones are of interest.
            while (shared < outline.Length && shared < prompt.Steps.Length && outline[shared] == prompt.Steps[shared].Boundary.Key)
            {
                shared++;
            }
        }

        return shared;
    }

    /// <summary>Remembers a prompt, forgetting the oldest.</summary>
    public void Add(EncodedPrompt prompt)
    {
        if (_outlines.Count == Prompts)
        {
            _outlines.Dequeue();
        }

        _outlines.Enqueue([.. prompt.Steps.Take(MostSteps).Select(static step => step.Boundary.Key)]);
    }

    /// <summary>Why as much was read as was read, in words.</summary>
    public static string Explain(Sequence sequence)
    {
        var steps = sequence.Prompt.Steps;
        var turns = steps[^1].Turn + 1;
        var shared = sequence.SharedSteps;
        if (shared == 0)
        {
            return $"No earlier prompt begins like it: turn 1 of {turns} is new.";
        }

        var difference = shared == steps.Length
            ? "An earlier prompt was the same or went on from it."
            : $"Turn {steps[shared].Turn + 1} of {turns} is the first that differs from every earlier prompt, at position {sequence.PositionAfter(shared)}.";
        return sequence.Prompt.Start + sequence.ReusedPositions < sequence.PositionAfter(Math.Min(shared, sequence.UsableSteps))
            ? $"{difference} Not all that is shared was kept."
            : difference;
    }
}
