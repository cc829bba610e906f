using System.CommandLine;
using RwkvSk.Benchmarks.Harness;
using RwkvSk.Engine;
using RwkvSk.Engine.Prompts;
using RwkvSk.Engine.Sampling;
using RwkvSk.TestKit;

namespace RwkvSk.Benchmarks.Suites;

/// <summary>What the engine adds to the model: whole answers over a model that costs almost nothing.</summary>
internal static class SchedulerSuite
{
    private const int Tokens = 256;

    public static Suite Create() => new(new Command("scheduler", "The loop, the sampler and the streams, without a model."), static (_, settings, report) => Run(settings, report));

    private static void Run(Settings settings, Report report)
    {
        using var engine = TestEngine.Over(new FakeModelRunner(slots: 32) { IsRecording = false }, new EngineOptions { MaxRunning = 32 });
        report.Add("answers over a model that costs almost nothing", Contest.Run(
            settings.Rounds, [.. new[] { 1, 8, 32 }.Select(count => new Case($"{count} at once", () => Answers(engine, count)) { Items = (double)count * Tokens })]));
    }

    private static void Answers(RwkvEngine engine, int count) =>
        Task.WhenAll(Enumerable.Range(0, count).Select(i => Task.Run(async () =>
        {
            var options = new GenerationOptions { MaximumTokens = Tokens, Sampling = new SamplingOptions { Temperature = 0 } };
            await foreach (var _ in engine.GenerateAsync(new Prompt($"question {i}"), options))
            {
            }
        }))).GetAwaiter().GetResult();
}
