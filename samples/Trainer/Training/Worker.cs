using System.Runtime.InteropServices;
using RwkvSk.Engine.Models;
using RwkvSk.Trainer.Data;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace RwkvSk.Trainer.Training;

/// <summary>What a micro-batch came to.</summary>
/// <param name="Loss">Mean loss of the predicted tokens.</param>
/// <param name="Tokens">How many there were.</param>
/// <param name="Correct">Right at the first guess.</param>
/// <param name="CellLoss">The auxiliary loss.</param>
/// <param name="Cells">Cells with an object.</param>
/// <param name="CellsCorrect">Of these, shape, colour and size all right.</param>
internal readonly record struct MicroResult(double Loss, int Tokens, int Correct, double CellLoss, int Cells, int CellsCorrect);

/// <summary>One thread's share of training: leaves over the shared parameters, gradients of its own. libtorch runs single-threaded inside it.</summary>
internal sealed class Worker(GoslingShape shape, ParameterStore store, ScalarType precision)
{
    private readonly Dictionary<string, Tensor> _leaves = store.CreateLeaves();

    /// <summary>Forward and backward; gradients add up until <see cref="CollectGradients"/>.</summary>
    public MicroResult Run(IReadOnlyList<TrainingExample> rows, float scale)
    {
        using var scope = NewDisposeScope();
        var network = new GoslingNetwork(shape, new LeafSource(_leaves, precision));
        var batch = MicroBatch.Rows(shape, rows);
        var logits = network.Logits(batch.Gather!, FixedFeatures(network, batch), batch.Asked!, new StepContext { Wkv7 = Wkv7Function.Apply });
        var loss = functional.cross_entropy(logits, batch.Targets!);
        var total = loss.mul(tensor(scale));
        total.backward();
        using var noGradient = no_grad();
        var correct = logits.argmax(-1).eq(batch.Targets!).sum().item<long>();
        return new(loss.item<float>(), (int)batch.Targets!.shape[0], (int)correct, 0, 0, 0);
    }

    // The tower learns what is in each cell from crowded pictures of its own; through the language model it would learn the same at ten times the cost.
    private static Tensor? FixedFeatures(GoslingNetwork network, MicroBatch batch)
    {
        using var noGradient = no_grad();
        return batch.Pixels is null ? null : network.Features(batch.Pixels);
    }

    /// <summary>The tower alone, on pictures.</summary>
    public MicroResult RunTower(IReadOnlyList<Picture> pictures, float scale)
    {
        using var scope = NewDisposeScope();
        var network = new GoslingNetwork(shape, new LeafSource(_leaves, precision));
        var batch = MicroBatch.PicturesOnly(shape, pictures);
        var (loss, logits) = network.CellLoss(network.Features(batch.Pixels!), batch.Labels!);
        loss.mul(tensor(scale)).backward();
        using var noGradient = no_grad();
        return Cells(loss, logits, batch.Labels!);
    }

    /// <summary>Without gradients: for every answer token, whether the first guess is right, by row.</summary>
    public bool[] AllCorrect(IReadOnlyList<TrainingExample> rows)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var network = new GoslingNetwork(shape, new LeafSource(_leaves, precision));
        var batch = MicroBatch.Rows(shape, rows);
        var features = batch.Pixels is null ? null : network.Features(batch.Pixels);
        var logits = network.Logits(batch.Gather!, features, batch.Asked!, new StepContext { Wkv7 = Wkv7Function.Apply });
        var right = logits.argmax(-1).eq(batch.Targets!).data<bool>().ToArray();
        var correct = Enumerable.Repeat(true, rows.Count).ToArray();
        for (var i = 0; i < right.Length; i++)
        {
            correct[batch.RowOfTarget[i]] &= right[i];
        }

        return correct;
    }

    /// <summary>Adds this worker's gradients to <paramref name="sum"/> and forgets them.</summary>
    public void CollectGradients(Span<float> sum)
    {
        for (var i = 0; i < store.Specs.Count; i++)
        {
            var leaf = _leaves[store.Specs[i].Name];
            if (leaf.grad is { } gradient)
            {
                var target = sum.Slice(store.Offsets[i], store.Specs[i].Length);
                using var contiguous = gradient.contiguous();
                TensorPrimitives.Add(target, MemoryMarshal.Cast<byte, float>(contiguous.bytes), target);
                gradient.Dispose();
                leaf.grad = null;
            }
        }
    }

    private static MicroResult Cells(Tensor loss, Tensor logits, Tensor labels)
    {
        var at = 0;
        Tensor? right = null;
        for (var question = 0; question < CellLabels.Classes.Length; question++)
        {
            var correct = logits.narrow(1, at, CellLabels.Classes[question]).argmax(-1).eq(labels.select(1, question));
            right = right is null ? correct : right.logical_and(correct);
            at += CellLabels.Classes[question];
        }

        var filled = labels.select(1, 0).gt(Zero);
        return new(0, 0, 0, loss.item<float>(), (int)filled.sum().item<long>(), (int)right!.logical_and(filled).sum().item<long>());
    }

    private static readonly Scalar Zero = 0L;
}
