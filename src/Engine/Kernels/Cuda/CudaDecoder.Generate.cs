using RwkvSk.Engine.Kernels.Cuda.Driver;
using RwkvSk.Engine.Kernels.Cuda.Parameters;
using RwkvSk.Engine.Sampling;
using RwkvSk.Engine.Scheduling;

namespace RwkvSk.Engine.Kernels.Cuda;

// Steps whose tokens are chosen on the device: a token comes back and not V logits, and the host may wait once for several of them.
internal sealed unsafe partial class CudaDecoder : ITokenChooser
{
    /// <summary>Most steps of a <see cref="Generate"/>.</summary>
    public const int MostSteps = 64;

    private readonly DeviceBuffer _forbidden, _choices, _history;
    private readonly PinnedBuffer _pinnedChoices, _pinnedHistory;

    /// <inheritdoc/>
    public void Forbid(ReadOnlySpan<int> tokens)
    {
        var mask = new uint[_forbidden.Bytes / sizeof(uint)];
        foreach (var token in tokens)
        {
            mask[Checked(token) / 32] |= 1u << (token % 32);
        }

        _context.MakeCurrent();
        _forbidden.Write<uint>(mask);
    }

    /// <inheritdoc/>
    public void Decode(IReadOnlyList<BatchRow> rows, Span<float> logits, Span<ChosenToken> chosen)
    {
        var positions = Place(rows);
        var pinned = _pinnedChoices.Span<Choice>();
        pinned[..positions].Clear();   // rows without a choice get the most likely token, which nobody looks at
        for (var i = 0; i < rows.Count; i++)
        {
            if (rows[i].Choice is { } choice)
            {
                pinned[i] = new Choice { Temperature = choice.Temperature, TopP = choice.TopP, TopK = choice.TopK, Seed = choice.Seed, Drawn = choice.Drawn };
            }
        }

        Start(positions);
        Run(positions, StepEnd.Choice);
        BringLogits(rows);
        Finish(positions, steps: 1);
        GiveLogits(rows, logits);
        for (var i = 0; i < rows.Count; i++)
        {
            chosen[i] = new ChosenToken(_pinnedHistory.Span<int>()[i], pinned[i].Drawn);
        }
    }

    /// <summary>Reads one token of every row, chooses the next one, reads that, and so on. What was chosen last is not read.</summary>
    /// <param name="rows">Different slots.</param>
    /// <param name="choices">How the rows' tokens are chosen; <see cref="Choice.Drawn"/> is moved on, <see cref="Choice.Step"/> is not looked at.</param>
    /// <param name="steps">How often, at most <see cref="MostSteps"/>.</param>
    /// <param name="tokens">Receives [steps, rows].</param>
    /// <exception cref="InvalidOperationException">A logit was not a number, or every token is forbidden.</exception>
    public void Generate(IReadOnlyList<BatchRow> rows, Span<Choice> choices, int steps, Span<int> tokens)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(steps, MostSteps);
        var positions = Place(rows);
        var pinned = _pinnedChoices.Span<Choice>();
        pinned[..positions].Clear();
        for (var i = 0; i < rows.Count; i++)
        {
            pinned[i] = choices[i] with { Step = 0 };
        }

        Start(positions);
        for (var step = 0; step < steps; step++)
        {
            Run(positions, StepEnd.Choice);
        }

        Finish(positions, steps);
        for (var i = 0; i < rows.Count; i++)
        {
            choices[i].Drawn = pinned[i].Drawn;
            for (var step = 0; step < steps; step++)
            {
                var token = _pinnedHistory.Span<int>()[(step * positions) + i];
                tokens[(step * rows.Count) + i] = token >= 0 ? token
                    : throw new InvalidOperationException($"The model's logits contain a value that is not a number, or none of the {VocabularySize} ids may be chosen (slot {rows[i].Slot}, step {step}).");
            }
        }
    }

    // Queues the copies of what the pinned buffers hold of a step: how tokens are chosen, and what is read.
    private void Start(int positions)
    {
        _context.MakeCurrent();
        _context.Stream.Copy(_pinnedChoices, _choices, (long)positions * sizeof(Choice));
        Bring(positions, inputsAt: 0);
    }

    // Queues the copies of the rows of logits that are wanted; neighbours come together.
    private void BringLogits(IReadOnlyList<BatchRow> rows)
    {
        for (var i = 0; i < rows.Count; i++)
        {
            var first = i;
            while (i < rows.Count && rows[i].WantLogits)
            {
                i++;
            }

            if (i > first)
            {
                var (at, bytes) = ((nint)first * VocabularySize * sizeof(float), (long)(i - first) * VocabularySize * sizeof(float));
                _context.Check(_context.Driver.QueueCopyToHost((void*)(_outputs.Pointer + at), _logits.Pointer + at, bytes, _context.Stream.Handle), "cuMemcpyDtoHAsync");
            }
        }
    }

    // Has what was chosen brought to the host, and waits.
    private void Finish(int positions, int steps)
    {
        _context.Stream.Copy(_choices, _pinnedChoices, (long)positions * sizeof(Choice));
        _context.Stream.Copy(_history, _pinnedHistory, (long)steps * positions * sizeof(int));
        _context.Stream.Synchronize();
    }

    private void Choose(int positions) => _step.Kernels.Choose(
        new Choose
        {
            Logits = _logits.Pointer, Forbidden = _forbidden.Pointer, Rows = _choices.Pointer, Tokens = _step.Buffers.Inputs.Pointer, History = _history.Pointer, Size = VocabularySize,
        },
        positions);
}
