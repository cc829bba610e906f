using RwkvSk.Engine.Prompts;
using RwkvSk.TestKit;
using Xunit;
using static RwkvSk.Engine.Tests.Scheduling.Streams;

namespace RwkvSk.Engine.Tests.Scheduling;

/// <summary>The law that carries everything: what is kept changes the cost of an answer and never the answer.</summary>
public sealed class CachedEqualsColdTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1, 256, 4096)]
    [InlineData(2, 7, 4096)]
    [InlineData(3, 1, 4096)]
    [InlineData(4, 16, 3)]      // room for three states: nearly everything is evicted again
    [InlineData(5, 16, 0)]
    public async Task Over_random_conversations_with_edits_branches_and_pictures(int seed, int chunkLength, int states)
    {
        var random = new Random(seed);
        var options = new EngineOptions { ChunkLength = chunkLength, PrefixCacheBytes = states * 400L, ImageCacheBytes = 2500 };
        var runner = new FakeModelRunner { IsRecording = false };
        using var engine = TestEngine.Over(runner, options);
        var reference = new ColdReference(chunkLength);
        var conversations = new List<List<Turn>> { new() };
        long reused = 0;

        for (var round = 0; round < 60; round++)
        {
            var turns = conversations[random.Next(conversations.Count)];
            switch (random.Next(5))
            {
                case 0 when turns.Count > 0:   // edit
                    turns[random.Next(turns.Count)] = RandomTurn(random);
                    break;
                case 1:                        // branch
                    conversations.Add(turns = [.. turns.Take(random.Next(turns.Count + 1))]);
                    break;
                default:
                    turns.Add(RandomTurn(random));
                    break;
            }

            var prompt = new Prompt([.. turns, new Turn("Assistant:")]);
            var generation = random.Next(2) == 0 ? Greedy(8) : Seeded(round, 8);

            var warm = await engine.RunAsync(prompt, generation, Cancel);
            var cold = await reference.RunAsync(prompt, generation, Cancel);

            Assert.Equal(cold.Ids, warm.Ids);
            Assert.Equal(cold.Text, warm.Text);
            Assert.Equal(0, cold.Usage.ReusedPositions);
            reused += warm.Usage.ReusedPositions;
            if (random.Next(2) == 0)
            {
                turns.Add(new Turn($"Assistant: {warm.Text}\n\n"));
                engine.ReadAhead(new Prompt([.. turns]));
            }
        }

        Assert.Equal(states > 0, reused > 0);
        Assert.Equal(states == 3, runner.Recycled > 0);   // and what was written over was nobody's any more
        Assert.Equal(0, engine.LiveRequests);
    }

    [Fact]
    public async Task A_kept_picture_is_not_changed_by_the_first_question_about_it()
    {
        using var engine = TestEngine.Over(new FakeModelRunner());
        var picture = new Turn(new TextSegment("User: "), new ImageSegment(new byte[] { 9, 8, 7 }));
        var reference = new ColdReference(256);

        foreach (var question in new[] { "colour?", "colour?", "shape?", "colour?" })
        {
            var prompt = new Prompt(picture, new Turn(question), new Turn("Assistant:"));
            Assert.Equal((await reference.RunAsync(prompt, Greedy(), Cancel)).Ids, (await engine.RunAsync(prompt, Greedy(), Cancel)).Ids);
        }
    }

    [Fact]
    public async Task Answers_of_concurrent_requests_equal_those_of_single_ones()
    {
        using var engine = TestEngine.Over(new FakeModelRunner(slots: 3), new EngineOptions { ChunkLength = 4, MaxRunning = 3 });
        var reference = new ColdReference(4);
        var random = new Random(11);
        var prompts = Enumerable.Range(0, 40).Select(i => new Prompt([.. Enumerable.Range(0, random.Next(4)).Select(_ => RandomTurn(random, kinds: 3)), new Turn($"Assistant {i % 7}:")])).ToArray();

        var all = await Task.WhenAll(prompts.Select((prompt, i) => engine.RunAsync(prompt, Seeded(i, 5 + (i % 9)), Cancel)));

        for (var i = 0; i < prompts.Length; i++)
        {
            Assert.Equal((await reference.RunAsync(prompts[i], Seeded(i, 5 + (i % 9)), Cancel)).Ids, all[i].Ids);
        }
    }

    private static Turn RandomTurn(Random random, int kinds = 6)
    {
        var segments = new List<PromptSegment>();
        for (var i = random.Next(3); i >= 0; i--)
        {
            segments.Add(random.Next(3) == 0
                ? new ImageSegment(new byte[] { 1, (byte)random.Next(kinds) })
                : new TextSegment(new string((char)('a' + random.Next(kinds)), random.Next(24))));
        }

        return new Turn([.. segments, new TextSegment("\n\n")]);
    }

    /// <summary>Each answer by an engine that never read anything before and keeps nothing.</summary>
    private sealed class ColdReference(int chunkLength)
    {
        public async Task<Result> RunAsync(Prompt prompt, GenerationOptions options, CancellationToken cancellationToken)
        {
            using var engine = TestEngine.Over(new FakeModelRunner(slots: 1), new EngineOptions { ChunkLength = chunkLength, PrefixCacheBytes = 0, ImageCacheBytes = 0 });
            return await engine.RunAsync(prompt, options, cancellationToken);
        }
    }
}
