using System.Diagnostics;
using RwkvSk.Trainer.Data;
using static TorchSharp.torch;

namespace RwkvSk.Trainer.Training;

/// <summary>How a run goes.</summary>
internal sealed record TrainingPlan
{
    public int Seed { get; init; } = 1;

    /// <summary>Steps on pictures alone, before the language model joins.</summary>
    public int TowerSteps { get; init; } = 2500;

    /// <summary>Steps on conversations.</summary>
    public int Steps { get; init; } = 9000;

    public int RowsPerStep { get; init; } = 16;

    public int RowsPerMicroBatch { get; init; } = 4;

    public int PicturesPerStep { get; init; } = 32;

    public float LearningRate { get; init; } = 1.5e-3f;

    /// <summary>Where the rate starts to fall to zero, as a fraction of the steps.</summary>
    public float DecayFrom { get; init; } = 0.6f;

    public float WeightDecay { get; init; } = 0.05f;

    public float Clip { get; init; } = 1;

    /// <summary>Crowded pictures for the tower beside every step of conversations, and their weight.</summary>
    public int PicturesBeside { get; init; } = 24;

    public float DenseWeight { get; init; } = 0.3f;

    public int Workers { get; init; } = 2;

    public int WarmUp { get; init; } = 150;

    /// <summary>Warm-up, plateau, then a line down to zero.</summary>
    public float RateAt(int step, int total)
    {
        var ramp = Math.Min(1, (step + 1) / (float)WarmUp);
        var start = DecayFrom * total;
        return LearningRate * ramp * (step < start ? 1 : Math.Max(0.01f, (total - step) / (total - start)));
    }
}

/// <summary>One step's figures.</summary>
internal readonly record struct StepReport(int Step, bool IsTower, float Rate, float GradientNorm, MicroResult Result, TimeSpan Elapsed);

/// <summary>
/// Data-parallel training on the threads of one process. Rows of a step are drawn from seeds of their own, so a run depends on the seed and not on the
/// number of workers or their speed (but for the order in which gradients are added).
/// </summary>
internal sealed class TrainingLoop : IDisposable
{
    private readonly TrainingPlan _plan;
    private readonly GoslingShape _shape;
    private readonly ParameterStore _store;
    private readonly Worker[] _workers;
    private readonly ConversationGenerator[] _generators;
    private readonly SceneRenderer[] _renderers;
    private readonly ConversationEncoder _encoder;
    private readonly Crew _crew;

    public TrainingLoop(TrainingPlan plan, GoslingShape shape, ParameterStore store, ConversationEncoder encoder)
    {
        (_plan, _shape, _store, _encoder) = (plan, shape, store, encoder);
        _workers = [.. Enumerable.Range(0, plan.Workers).Select(_ => new Worker(shape, store, ScalarType.BFloat16))];
        _generators = [.. Enumerable.Range(0, plan.Workers).Select(_ => new ConversationGenerator())];
        _renderers = [.. Enumerable.Range(0, plan.Workers).Select(_ => new SceneRenderer())];
        _crew = new Crew(plan.Workers, static () => set_num_threads(1));
    }

    /// <summary>Everything from <paramref name="first"/> to the end of the plan.</summary>
    public IEnumerable<StepReport> Run(int first)
    {
        var time = Stopwatch.StartNew();
        for (var step = first; step < _plan.TowerSteps + _plan.Steps; step++)
        {
            var isTower = step < _plan.TowerSteps;
            var (position, total) = isTower ? (step, _plan.TowerSteps) : (step - _plan.TowerSteps, _plan.Steps);
            var results = isTower ? TowerStep(step) : LanguageStep(step);
            Array.Clear(_store.Gradient);
            foreach (var worker in _workers)
            {
                worker.CollectGradients(_store.Gradient);
            }

            var rate = _plan.RateAt(position, total);
            var norm = _store.Update(rate, _plan.Clip, _plan.WeightDecay, (count, action) => Share(count, (_, i) =>
            {
                action(i);
                return 0;
            }));
            yield return new(step, isTower, rate, norm, Sum(results), time.Elapsed);
        }
    }

    /// <summary>For each row, whether every answer token is the first guess: what a greedy answer would come to.</summary>
    public bool[] Judge(IReadOnlyList<TrainingExample> rows)
    {
        var right = new bool[rows.Count];
        var chunks = Enumerable.Range(0, rows.Count).OrderBy(i => rows[i].Tokens.Length).Chunk(8).ToArray();
        Share(chunks.Length, (worker, i) =>
        {
            var result = _workers[worker].AllCorrect([.. chunks[i].Select(row => rows[row])]);
            for (var j = 0; j < result.Length; j++)
            {
                right[chunks[i][j]] = result[j];
            }

            return 0;
        });
        return right;
    }

    private MicroResult[] TowerStep(int step)
    {
        var perMicro = Math.Max(1, _plan.PicturesPerStep / _plan.Workers);
        var micro = _plan.PicturesPerStep / perMicro;
        return Share(micro, (worker, i) => DensePictures(worker, RandomFor(step, i), perMicro, 1f / micro));
    }

    private MicroResult[] LanguageStep(int step)
    {
        var rows = Share(_plan.RowsPerStep, (worker, i) =>
        {
            var random = RandomFor(step, i);
            TrainingExample row;
            do
            {
                row = _encoder.Encode(_generators[worker].Next(random));
            }
            while (row.Tokens.Length == 0);
            return row;
        });
        var batches = rows.OrderByDescending(static row => row.Tokens.Length).Chunk(_plan.RowsPerMicroBatch).ToArray();
        double targets = rows.Sum(static row => row.IsTarget.Count(static t => t));

        // The tower goes on learning from crowded pictures: conversations alone would show it a tenth as many objects.
        return Share(batches.Length + 1, (worker, i) => i < batches.Length
            ? _workers[worker].Run(batches[i], (float)(batches[i].Sum(static row => row.IsTarget.Count(static t => t)) / targets))
            : DensePictures(worker, RandomFor(step, -1), _plan.PicturesBeside, _plan.DenseWeight));
    }

    private MicroResult DensePictures(int worker, Random random, int count, float scale) => _workers[worker].RunTower(
        [.. Enumerable.Range(0, count).Select(_ => SceneGenerator.Dense(random)).Select(scene => new Picture(scene, _renderers[worker].Render(scene, random)))], scale);

    // Work is taken from a counter, so a worker that a neighbour slows down simply takes less of it.
    private T[] Share<T>(int count, Func<int, int, T> work)
    {
        var results = new T[count];
        var next = -1;
        _crew.Run(worker =>
        {
            for (int i; (i = Interlocked.Increment(ref next)) < count;)
            {
                results[i] = work(worker, i);
            }
        });
        return results;
    }

    private Random RandomFor(int step, int item) => new((_plan.Seed * 7919) ^ (step * 104729) ^ (item * 1299709));

    private static MicroResult Sum(IReadOnlyList<MicroResult> results)
    {
        var tokens = results.Sum(static r => r.Tokens);
        return new(
            tokens == 0 ? 0 : results.Sum(static r => r.Loss * r.Tokens) / tokens, tokens, results.Sum(static r => r.Correct),
            results.Max(static r => r.CellLoss), results.Sum(static r => r.Cells), results.Sum(static r => r.CellsCorrect));
    }

    public void Dispose()
    {
        _crew.Dispose();
        foreach (var generator in _generators)
        {
            generator.Dispose();
        }

        foreach (var renderer in _renderers)
        {
            renderer.Dispose();
        }
    }
}
