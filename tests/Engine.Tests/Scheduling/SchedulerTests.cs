using RwkvSk.Engine.Scheduling;
using RwkvSk.Engine.States;
using Xunit;

namespace RwkvSk.Engine.Tests.Scheduling;

public sealed class SchedulerTests
{
    [Fact]
    public void One_prompt_is_read_and_then_decoded() =>
        Assert.Equal(["read A", "read A", "decode A", "decode A"], Play(slots: 2, steps: 4, new Fake("A", 2)));

    [Fact]
    public void Prefill_and_decode_take_turns() =>
        Assert.Equal(
            ["read A", "decode A", "read B", "decode A", "read B", "decode A", "read B", "decode A,B"],
            Play(slots: 2, steps: 8, new Fake("A", 1), new Fake("B", 3)));

    [Fact]
    public void Everyone_who_decodes_does_so_in_one_step() =>
        Assert.Equal(["read A", "decode A", "read B", "decode A,B", "read C", "decode A,B,C"], Play(slots: 3, steps: 6, new Fake("A", 1), new Fake("B", 1), new Fake("C", 1)));

    [Fact]
    public void Who_finds_no_slot_waits_until_one_is_free() =>
        Assert.Equal(["read A", "decode A", "decode A", "read B", "decode B"], Play(slots: 1, steps: 5, new Fake("A", 1) { TokensLeft = 2 }, new Fake("B", 1)));

    [Fact]
    public void A_short_prompt_does_not_wait_for_a_long_one() =>
        Assert.Equal(["read long", "read long", "read short", "decode short", "read long"], Play(
            slots: 2, steps: 5, arrivals: [(0, new Fake("long", 9)), (2, new Fake("short", 1) { TokensLeft = 1 })]));

    [Fact]
    public void A_prompt_that_was_begun_is_finished_before_its_equals() =>
        Assert.Equal(["read A", "read A", "read A", "decode A", "read B"], Play(slots: 2, steps: 5, new Fake("A", 3) { TokensLeft = 1 }, new Fake("B", 3)));

    [Fact]
    public void A_long_prompt_is_read_however_many_short_ones_come()
    {
        var arrivals = new List<(int, Fake)> { (0, new Fake("long", 3)) };
        for (var step = 1; step < 60; step++)
        {
            arrivals.Add((step, new Fake("s", 1) { TokensLeft = 1 }));
        }

        var played = Play(slots: 60, steps: 60, [.. arrivals]);

        Assert.Equal(3, played.Count(static line => line == "read long"));
        Assert.True(played.LastIndexOf("read long") < 30);
    }

    [Fact]
    public void The_second_on_the_way_to_a_boundary_waits_for_the_first() =>
        Assert.Equal(["read A", "read A", "read A", "decode A", "read B"], Play(slots: 3, steps: 5, new Fake("A", 3, "system"), new Fake("B", 1, "system")));

    [Fact]
    public void Who_is_on_the_way_to_another_boundary_waits_for_nobody() =>
        Assert.Equal(["read B", "decode B", "read A"], Play(slots: 3, steps: 3, new Fake("A", 3, "system"), new Fake("B", 1, "other")));

    [Fact]
    public void Who_waited_goes_on_when_the_first_is_gone()
    {
        var scheduler = new Scheduler<Fake>(2);
        var (first, second) = (new Fake("A", 2, "system"), new Fake("B", 2, "system"));
        Admit(scheduler, first, second);
        Assert.Equal("read A", Next(scheduler));

        scheduler.Remove(first);

        Assert.Equal("read B", Next(scheduler));
    }

    [Fact]
    public void The_background_is_read_when_nobody_reads_or_decodes() =>
        Assert.Equal(
            ["read A", "read A", "decode A", "decode A", "read back", "read B", "decode B", "read back"],
            Play(slots: 3, steps: 8, arrivals: [(0, new Fake("back", 2) { IsBackground = true }), (0, new Fake("A", 2) { TokensLeft = 2 }), (5, new Fake("B", 1) { TokensLeft = 1 })]));

    [Fact]
    public void The_background_is_admitted_after_everyone_else() =>
        Assert.Equal(["read A", "decode A", "read B", "decode B", "read back"], Play(
            slots: 1, steps: 5, new Fake("back", 1) { IsBackground = true }, new Fake("A", 1) { TokensLeft = 1 }, new Fake("B", 1) { TokensLeft = 1 }));

    [Fact]
    public void The_background_goes_first_to_where_somebody_waits_for_it() =>
        Assert.Equal(
            ["read back", "read back", "read C", "decode C", "read back", "decode C", "read A", "decode A,C"],
            Play(slots: 3, steps: 8, arrivals:
                [(0, new Fake("back", 3, "turn") { IsBackground = true, EndsWithPrompt = true }), (2, new Fake("C", 1)), (3, new Fake("A", 1, "turn"))]).Select(static line => line.Replace("C,A", "A,C", StringComparison.Ordinal)));

    [Fact]
    public void The_background_gives_its_slot_to_whoever_waits_for_one()
    {
        var scheduler = new Scheduler<Fake>(2);
        var (first, second, real) = (new Fake("1", 2) { IsBackground = true }, new Fake("2", 2) { IsBackground = true }, new Fake("A", 2));
        Admit(scheduler, first, second);
        Assert.False(scheduler.MustGiveWay(out _));

        Admit(scheduler, new Fake("3", 2) { IsBackground = true });
        Assert.False(scheduler.MustGiveWay(out _));

        Admit(scheduler, real);
        Assert.True(scheduler.MustGiveWay(out var leaving));
        Assert.Same(second, leaving);
        scheduler.Remove(leaving);
        Admit(scheduler);
        Assert.False(scheduler.MustGiveWay(out _));
        Assert.Equal("read A", Next(scheduler));
    }

    [Fact]
    public void Free_slots_go_round_among_users() =>
        Assert.Equal(
            ["a1", "b1", "c1", "a2"],
            Admitted(slots: 4, [.. Enumerable.Range(1, 3).Select(static i => new Fake($"a{i}", 1) { User = "a" }), new Fake("b1", 1) { User = "b" }, new Fake("c1", 1) { User = "c" }]));

    [Fact]
    public void Priority_goes_before_arrival_and_users() =>
        Assert.Equal(
            ["urgent", "second urgent", "first"],
            Admitted(slots: 3, [new Fake("late", 1) { Priority = RequestPriority.Low }, new Fake("first", 1), new Fake("urgent", 1) { Priority = RequestPriority.High }, new Fake("second urgent", 1) { Priority = RequestPriority.High }]));

    [Fact]
    public void A_low_priority_is_admitted_however_many_urgent_ones_come()
    {
        var scheduler = new Scheduler<Fake>(1);
        var low = new Fake("low", 1) { Priority = RequestPriority.Low };
        scheduler.Enqueue(low);
        for (var i = 0; i < 200; i++)
        {
            scheduler.Enqueue(new Fake($"urgent {i}", 1) { Priority = RequestPriority.High });
            Assert.True(scheduler.TryAdmit(out var admitted));
            if (admitted == low)
            {
                return;
            }

            scheduler.Remove(admitted);
        }

        Assert.Fail("The low priority was never admitted.");
    }

    [Theory]
    [InlineData(1), InlineData(2), InlineData(3), InlineData(4), InlineData(5)]
    public void Nobody_who_decodes_waits_for_more_than_one_prefill_step_and_no_prompt_for_ever(int seed)
    {
        var random = new Random(seed);
        var arrivals = Enumerable.Range(0, 60).Select(i => (Step: random.Next(300), Sequence: new Fake($"{i}", 1 + random.Next(20), random.Next(3) == 0 ? "shared" : null)
        {
            TokensLeft = 1 + random.Next(40), User = $"{random.Next(4)}", Priority = (RequestPriority)random.Next(3),
        })).ToArray();
        var (scheduler, reading) = (new Scheduler<Fake>(8), 0);
        for (var step = 0; step < 4000; step++)
        {
            Admit(scheduler, [.. arrivals.Where(a => a.Step == step).Select(static a => a.Sequence)]);
            var decoders = Enumerable.Range(0, scheduler.RunningCount).Any(i => scheduler.RunningAt(i).StepsLeft == 0);
            var line = Next(scheduler);
            reading = line?.StartsWith("read", StringComparison.Ordinal) == true && decoders ? reading + 1 : 0;
            Assert.True(reading <= 1, $"two prefill steps in a row at step {step} while somebody decodes");
        }

        Assert.All(arrivals, static a => Assert.Equal((0, 0), (a.Sequence.StepsLeft, a.Sequence.TokensLeft)));
        Assert.Equal((0, 0), (scheduler.RunningCount, scheduler.Waiting.Count));
    }

    [Fact]
    public void There_is_nothing_to_do_when_nobody_is_there() => Assert.Empty(Play(slots: 2, steps: 3));

    private static List<string> Play(int slots, int steps, params Fake[] sequences) => Play(slots, steps, [.. sequences.Select(static s => (0, s))]);

    private static List<string> Play(int slots, int steps, (int Step, Fake Sequence)[] arrivals)
    {
        var scheduler = new Scheduler<Fake>(slots);
        var played = new List<string>();
        for (var step = 0; step < steps; step++)
        {
            Admit(scheduler, [.. arrivals.Where(a => a.Step == step).Select(static a => a.Sequence)]);
            if (Next(scheduler) is { } line)
            {
                played.Add(line);
            }
        }

        return played;
    }

    private static List<string> Admitted(int slots, Fake[] waiting)
    {
        var scheduler = new Scheduler<Fake>(slots);
        foreach (var sequence in waiting)
        {
            scheduler.Enqueue(sequence);
        }

        var admitted = new List<string>();
        while (scheduler.TryAdmit(out var next))
        {
            admitted.Add(next.Name);
        }

        return admitted;
    }

    private static void Admit(Scheduler<Fake> scheduler, params Fake[] sequences)
    {
        foreach (var sequence in sequences)
        {
            scheduler.Enqueue(sequence);
        }

        while (scheduler.TryAdmit(out _))
        {
        }
    }

    private static string? Next(Scheduler<Fake> scheduler)
    {
        if (!scheduler.TryNext(out var phase, out var sequences))
        {
            return null;
        }

        var line = (phase == Phase.Prefill ? "read " : "decode ") + string.Join(',', sequences.Select(static s => s.Name));
        foreach (var sequence in sequences.ToArray())
        {
            sequence.Did(phase);
            if (sequence.TokensLeft == 0 || (sequence.EndsWithPrompt && sequence.StepsLeft == 0))
            {
                scheduler.Remove(sequence);
            }
        }

        while (scheduler.TryAdmit(out _))
        {
        }

        return line;
    }

    private sealed class Fake(string name, int stepsLeft, string? boundary = null) : ISchedulable
    {
        public string Name => name;

        public int StepsLeft { get; private set; } = stepsLeft;

        public int TokensLeft { get; set; } = int.MaxValue;

        public RequestPriority Priority { get; init; } = RequestPriority.Normal;

        public string? User { get; init; }

        public bool IsBackground { get; init; }

        public bool EndsWithPrompt { get; init; }

        public PrefixKey? NextBoundary => StepsLeft > 0 && boundary is not null ? PrefixKey.Root(System.Text.Encoding.UTF8.GetBytes(boundary)) : null;

        public void Did(Phase phase)
        {
            StepsLeft -= phase == Phase.Prefill ? 1 : 0;
            TokensLeft -= phase == Phase.Decode ? 1 : 0;
        }
    }
}
