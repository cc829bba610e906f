using RwkvSk.Engine;
using RwkvSk.Engine.Prompts;
using RwkvSk.Engine.Sampling;
using RwkvSk.TestKit;
using Xunit;

namespace RwkvSk.Samples.Tests.Gosling;

public sealed class GoslingAnswersTests
{
    private static readonly string Model = Path.Combine(AppContext.BaseDirectory, "models", "gosling");

    public GoslingAnswersTests() => Assert.SkipWhen(LibTorch.Missing is not null, LibTorch.Missing ?? "");

    [Fact]
    public async Task Another_painters_pictures_are_understood_as_well()
    {
        Assert.SkipUnless(File.Exists(Path.Combine(Model, "model.safetensors")), $"there is no '{Model}'");
        await using var engine = RwkvEngine.Load(Model);
        var options = new GenerationOptions { Sampling = SamplingOptions.Greedy, StopSequences = engine.Model.Preset.StopSequences, MaximumTokens = 100 };
        var random = new Random(20261124);
        List<(string Kind, bool IsRight)> results = [];
        List<string> wrong = [];
        for (var i = 0; i < 24; i++)
        {
            var objects = Scene(random);
            var background = random.Next(3) switch { 0 => ((byte)255, (byte)255, (byte)255), 1 => ((byte)0, (byte)0, (byte)0), _ => ((byte)238, (byte)238, (byte)225) };
            var picture = PlainPainter.Paint(random.Next(96, 280), random.Next(96, 280), background, objects, random.NextDouble() / 10, random.NextDouble() / 10);
            foreach (var group in PlainQuestions.About(objects).GroupBy(static q => q.Kind))
            {
                var question = group.ElementAt(random.Next(group.Count()));
                var prompt = new Prompt([new Turn([new TextSegment("User: "), new ImageSegment(picture), new TextSegment($"\n{question.Text}\n\n")]), new Turn("Assistant:")]);
                var answer = string.Empty;
                await foreach (var token in engine.GenerateAsync(prompt, options, TestContext.Current.CancellationToken))
                {
                    answer += token.Text;
                }

                results.Add((group.Key, answer.Trim() == question.Answer));
                if (answer.Trim() != question.Answer)
                {
                    wrong.Add($"{question.Text} expected '{question.Answer}', was '{answer.Trim()}'");
                }
            }
        }

        var figures = string.Join(", ", results.GroupBy(static r => r.Kind).Select(static g => $"{g.Key} {g.Count(static r => r.IsRight)}/{g.Count()}"));
        TestContext.Current.TestOutputHelper?.WriteLine(figures);
        Assert.True(results.Count(static r => r.IsRight) >= 0.93 * results.Count, $"{figures}\n{string.Join('\n', wrong)}");
    }

    private static List<PlainObject> Scene(Random random)
    {
        var cells = Enumerable.Range(0, 9).ToArray();
        random.Shuffle(cells);
        return [.. cells.Take(random.Next(1, 5)).Order().Select(cell => new PlainObject(
            cell, PlainPainter.Shapes[random.Next(PlainPainter.Shapes.Count)], PlainPainter.ColourNames[random.Next(PlainPainter.ColourNames.Count)], random.Next(2) == 0))];
    }
}
