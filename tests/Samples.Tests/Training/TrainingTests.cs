using RwkvSk.Engine.Kernels.Torch;
using RwkvSk.Engine.Weights;
using RwkvSk.TestKit;
using RwkvSk.Trainer;
using RwkvSk.Trainer.Data;
using RwkvSk.Trainer.Training;
using Xunit;
using static TorchSharp.torch;

namespace RwkvSk.Samples.Tests.Training;

public class TrainingTests
{
    public TrainingTests() => Assert.SkipWhen(LibTorch.Missing is not null, LibTorch.Missing ?? "");

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 37)]
    [InlineData(1, 64)]
    public void The_recurrences_values_and_gradients_equal_those_of_the_chunked_form(long batch, long length)
    {
        using var scope = NewDisposeScope();
        manual_seed(3);
        long[] shape = [batch, length, 2, Wkv7Recurrence.N];
        using var rate = rand(shape);
        using var direction = nn.functional.normalize(randn(shape), 2, -1, 1e-12);
        Tensor[] inputs = [Leaf(randn(shape)), Leaf(rand(shape).mul(tensor(-0.6f))), Leaf(randn(shape)), Leaf(randn(shape)), Leaf(direction.neg()), Leaf(direction.mul(rate))];
        var empty = zeros([batch, 2, Wkv7Recurrence.N, Wkv7Recurrence.N]);
        var gradient = randn(shape);

        var (expected, expectedGradients) = Run(Wkv7.Forward);
        var (actual, actualGradients) = Run(Wkv7Function.Apply);
        Tolerance.AssertClose(expected, actual, "y", Tolerance.Float32);
        for (var i = 0; i < inputs.Length; i++)
        {
            Tolerance.AssertClose(expectedGradients[i], actualGradients[i], $"gradient of input {i}", Tolerance.Float32);
        }

        static Tensor Leaf(Tensor t) => t.detach().requires_grad_();

        (float[] Y, float[][] Gradients) Run(Engine.Models.Wkv7Kernel kernel)
        {
            var (y, _) = kernel(inputs[0], inputs[1], inputs[2], inputs[3], inputs[4], inputs[5], empty);
            y.backward([gradient]);
            var gradients = inputs.Select(static x => x.grad!.data<float>().ToArray()).ToArray();
            foreach (var input in inputs)
            {
                input.grad!.zero_();
            }

            return (y.data<float>().ToArray(), gradients);
        }
    }

    [Fact]
    public void A_small_model_learns_resumes_where_it_stopped_and_is_exported_whole()
    {
        using var folder = new TemporaryFolder();
        var (shape, plan) = Small(steps: 24);
        var tokenizer = Vocabulary(shape.VocabularySize);
        var encoder = new ConversationEncoder(tokenizer, shape.PositionsPerImage, maximumLength: 64);
        var checkpoint = Path.Combine(folder.Path, "checkpoint.safetensors");

        double before, after;
        using (var store = new ParameterStore(Initialization.Parameters(shape), plan.Seed))
        using (var loop = new TrainingLoop(plan, shape, store, encoder))
        {
            var losses = loop.Run(0).Select(static report => report.Result.Loss).ToList();
            (before, after) = (losses.Take(4).Average(), losses.TakeLast(4).Average());
            store.Save(checkpoint);
            File.WriteAllText(Path.Combine(folder.Path, "vocab.txt"), "");
            ModelExport.Write(store, shape, Path.Combine(folder.Path, "vocab.txt"), folder.Path);
        }

        Assert.True(after < before - 1, $"the loss went from {before:F2} to {after:F2}, expected a fall by more than 1");
        using (var store = new ParameterStore(Initialization.Parameters(shape), seed: 99))
        {
            Assert.Equal(0, store.Load(checkpoint, plan.Steps));
            using var file = SafetensorsFile.Open(Path.Combine(folder.Path, "model.safetensors"));
            Assert.DoesNotContain(file.Tensors.Keys, static name => name.StartsWith("aux.", StringComparison.Ordinal) || name.StartsWith("adam.", StringComparison.Ordinal));
            foreach (var (spec, i) in store.Specs.Select(static (spec, i) => (spec, i)).Where(x => file.Tensors.ContainsKey(x.spec.Name)))
            {
                Tolerance.AssertClose(store.Values(i), file.Floats(spec.Name), spec.Name, new Tolerance(1e-6, 1 / 256.0));
            }
        }
    }

    [Fact]
    public void Equal_seeds_draw_equal_rows_whatever_the_number_of_threads()
    {
        var (shape, plan) = Small(steps: 2);
        var encoder = new ConversationEncoder(Vocabulary(shape.VocabularySize), shape.PositionsPerImage, maximumLength: 64);
        var runs = new[] { 1, 2 }.Select(workers =>
        {
            using var store = new ParameterStore(Initialization.Parameters(shape), plan.Seed);
            using var loop = new TrainingLoop(plan with { Workers = workers }, shape, store, encoder);
            return loop.Run(0).Select(static report => (report.Result.Tokens, Loss: Math.Round(report.Result.Loss, 3))).ToList();
        }).ToList();
        Assert.Equal(runs[0], runs[1]);
    }

    private static (GoslingShape Shape, TrainingPlan Plan) Small(int steps) => (
        new GoslingShape { Width = 64, LayerCount = 2, FfnWidth = 128, VocabularySize = 257, DecayRank = 8, RateRank = 8, ResidualRank = 8, GateRank = 8, TowerWidth = 32, TowerLayers = 2, TowerHeads = 2, TowerMlp = 64 },
        new TrainingPlan { TowerSteps = 0, Steps = steps, RowsPerStep = 4, RowsPerMicroBatch = 2, PicturesBeside = 2, Workers = 2, WarmUp = 3, LearningRate = 6e-3f });

    private static ByteTokenizer Vocabulary(int size) => size >= 257 ? ByteTokenizer.Instance : throw new ArgumentOutOfRangeException(nameof(size));
}
