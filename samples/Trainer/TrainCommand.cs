using System.CommandLine;
using System.Globalization;
using RwkvSk.Engine.Models;
using RwkvSk.Engine.Tokenization;
using RwkvSk.Engine.Weights;
using RwkvSk.Trainer.Data;
using RwkvSk.Trainer.Training;

namespace RwkvSk.Trainer;

/// <summary><c>train</c>: from nothing, or from a checkpoint, to a model folder.</summary>
internal static class TrainCommand
{
    public static Command Create()
    {
        var output = new Option<DirectoryInfo>("--out") { Description = "Where checkpoints and the curve's figures go.", Required = true };
        var resume = new Option<FileInfo?>("--resume") { Description = "A checkpoint to go on from." };
        var towerSteps = new Option<int>("--tower-steps") { Description = "Steps on pictures alone.", DefaultValueFactory = _ => new TrainingPlan().TowerSteps };
        var steps = new Option<int>("--steps") { Description = "Steps on conversations.", DefaultValueFactory = _ => new TrainingPlan().Steps };
        var seed = new Option<int>("--seed") { Description = "Everything random follows from it.", DefaultValueFactory = _ => 1 };
        var workers = new Option<int>("--workers") { Description = "Threads.", DefaultValueFactory = _ => Environment.ProcessorCount };
        var rate = new Option<float>("--rate") { Description = "Highest learning rate.", DefaultValueFactory = _ => new TrainingPlan().LearningRate };
        var decayFrom = new Option<float>("--decay-from") { Description = "Where the rate starts to fall, as a fraction of the steps.", DefaultValueFactory = _ => new TrainingPlan().DecayFrom };
        var command = new Command("train", "Trains from synthetic data drawn on the way.") { output, resume, towerSteps, steps, seed, workers, rate, decayFrom };
        command.SetAction(parse => Run(
            parse.GetRequiredValue(output).FullName, parse.GetValue(resume)?.FullName,
            new TrainingPlan
            {
                TowerSteps = parse.GetValue(towerSteps), Steps = parse.GetValue(steps), Seed = parse.GetValue(seed), Workers = parse.GetValue(workers),
                LearningRate = parse.GetValue(rate), DecayFrom = parse.GetValue(decayFrom),
            }));
        return command;
    }

    private static int Run(string output, string? resume, TrainingPlan plan)
    {
        Malloc.KeepFreedMemory();
        LibTorchLoader.EnsureLoaded();
        Directory.CreateDirectory(output);
        var shape = new GoslingShape();
        var vocabularyPath = Path.Combine(output, "vocab.txt");
        if (plan.Steps > 0 && !File.Exists(vocabularyPath))
        {
            File.WriteAllText(vocabularyPath, VocabularyFor(plan.Seed, shape.VocabularySize - 1));
        }

        ITokenizer tokenizer = File.Exists(vocabularyPath) ? WorldTokenizer.Load(vocabularyPath) : new NoText();
        using var store = new ParameterStore(Initialization.Parameters(shape), plan.Seed);
        var first = 0;
        if (resume is not null)
        {
            using var file = SafetensorsFile.Open(resume);
            first = int.Parse(file.Metadata["step"], CultureInfo.InvariantCulture);
            Console.WriteLine($"resumed at step {first}; {store.Load(resume, first)} parameters start anew");
        }

        var encoder = new ConversationEncoder(tokenizer, shape.PositionsPerImage);
        IReadOnlyList<(string Category, TrainingExample Row)>? questions = null;
        using var loop = new TrainingLoop(plan, shape, store, encoder);
        using var log = new TrainingLog(Path.Combine(output, "log.csv"));
        TrainingProgress.Run(first, plan.TowerSteps + plan.Steps, show =>
        {
            foreach (var report in loop.Run(first))
            {
                var done = report.Step + 1;
                show(done, report.IsTower ? $"tower {report.Result.CellLoss:F2}" : $"loss {report.Result.Loss:F3}");
                if (log.Add(report) is { } line)
                {
                    Console.WriteLine(line);
                }

                if (!report.IsTower && (done - plan.TowerSteps) % 500 == 0)
                {
                    questions ??= Questions(encoder);
                    var isRight = loop.Judge([.. questions.Select(static q => q.Row)]);
                    var summary = string.Join("; ", questions.Zip(isRight).GroupBy(static q => q.First.Category).Select(static g => $"{g.Key} {g.Average(static q => q.Second ? 100.0 : 0):F0}"));
                    Console.WriteLine($"   {done}: {isRight.Average(static r => r ? 100.0 : 0):F1} % right; {summary}");
                }

                if (done % 250 == 0)
                {
                    store.Save(Path.Combine(output, "checkpoint.safetensors"));
                }
            }
        });
        store.Save(Path.Combine(output, "checkpoint.safetensors"));
        return 0;
    }

    private static List<(string Category, TrainingExample Row)> Questions(ConversationEncoder encoder) =>
        [.. EvaluationSet.Create(99, 600).Select(item => (item.Category, encoder.Encode(new Conversation(
            item.Category, [.. item.Turns.Select(static turn => turn with { IsTrained = false }), ConversationTurn.Assistant(item.Expected)]))))
            .Where(static q => q.Item2.IsTarget.Any(static t => t))];

    private static string VocabularyFor(int seed, int size)
    {
        using var generator = new ConversationGenerator();
        var random = new Random(seed);
        var segments = Enumerable.Range(0, 6000).SelectMany(_ => generator.Next(random).Turns).SelectMany(ConversationEncoder.Segments).OfType<string>().ToList();
        return VocabularyBuilder.Build(segments, size);
    }

    // Pictures alone need no words.
    private sealed class NoText : ITokenizer
    {
        public int VocabularySize => 1;

        public ReadOnlySpan<byte> Fingerprint => [];

        public void Encode(ReadOnlySpan<byte> utf8, ICollection<int> ids)
        {
        }

        public ReadOnlySpan<byte> BytesOf(int id) => [];
    }
}
