using RwkvSk.Engine.Models;
using RwkvSk.Engine.Vision;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace RwkvSk.Trainer.Training;

/// <summary>
/// The engine's own model over trainable leaves: the same classes that serve a checkpoint, here under autograd. Matrices are cast to
/// <paramref name="precision"/> for the products (their gradients come back in fp32); everything else stays fp32.
/// </summary>
internal sealed class LeafSource(IReadOnlyDictionary<string, Tensor> leaves, ScalarType precision) : IWeightSource
{
    private readonly Dictionary<string, Tensor> _cast = [];

    public IEnumerable<string> Names => leaves.Keys;

    public IReadOnlyList<long>? ShapeOf(string name) => leaves.TryGetValue(name, out var leaf) ? leaf.shape : null;

    public Tensor Matrix(string name, ReadOnlySpan<long> shape)
    {
        if (!_cast.TryGetValue(name, out var matrix))
        {
            matrix = leaves[name].view(shape.ToArray());
            matrix = precision == ScalarType.Float32 ? matrix : matrix.to(precision);
            _cast.Add(name, matrix);
        }

        return matrix;
    }

    public Tensor Vector(string name, ReadOnlySpan<long> shape) => leaves[name].view(shape.ToArray());
}

/// <summary>Pixels and tokens in, losses out. Built anew for every micro-batch: it only arranges leaves.</summary>
internal sealed class GoslingNetwork
{
    private readonly GoslingShape _shape;
    private readonly RwkvModel _language;
    private readonly VitTower _tower;
    private readonly ContextGatedProjector _projector;
    private readonly Tensor _cells, _cellsBias;

    public GoslingNetwork(GoslingShape shape, IWeightSource source)
    {
        _shape = shape;
        var root = new WeightScope(source);
        _language = new RwkvModel(root["rwkv"], RwkvConfig.Read(root["rwkv"]));
        var tower = root["vit"]["siglip_featurizer"];
        _tower = new VitTower(tower, VitConfig.Read(tower, shape.TowerHeads));
        _projector = new ContextGatedProjector(root["proj"], shape.TowerWidth, shape.Width);
        _cells = root["aux"].Matrix("cells.weight", CellLabels.Width, shape.TowerWidth);
        _cellsBias = root["aux"].Vector("cells.bias", CellLabels.Width);
    }

    /// <summary>[I,3,S,S] -> [I,P,D]: tower features, averaged to the positions the language model reads.</summary>
    public Tensor Features(Tensor pixels)
    {
        var side = (long)Math.Sqrt(_shape.PositionsPerImage);
        var window = _shape.Grid / side;
        return _tower.Forward(pixels).view(-1, side, window, side, window, _shape.TowerWidth).mean([2, 4]).flatten(1, 2);
    }

    /// <summary>The auxiliary loss: what is in each cell, from its features alone. Needs one position per cell.</summary>
    /// <param name="features">[I,9,D]</param>
    /// <param name="labels">[I*9,3]</param>
    public (Tensor Loss, Tensor Logits) CellLoss(Tensor features, Tensor labels)
    {
        var logits = TensorMath.Linear(features.flatten(0, 1), _cells, _cellsBias);
        var at = 0;
        var losses = CellLabels.Classes.Select((classes, question) =>
        {
            var loss = functional.cross_entropy(logits.narrow(1, at, classes), labels.select(1, question), label_smoothing: 0.02);
            at += classes;
            return loss;
        }).ToArray();
        return (losses[0].Plus(losses[1]).Plus(losses[2]), logits);
    }

    /// <summary>Logits at the asked positions.</summary>
    /// <param name="gather">For each position its row in [embedding; image positions]: a token id, or V + the image position's number. [B,T]</param>
    /// <param name="features">[I,P,D], or null without pictures.</param>
    /// <param name="asked">Flat positions b * T + t. [M]</param>
    public Tensor Logits(Tensor gather, Tensor? features, Tensor asked, StepContext step)
    {
        var (batch, length) = (gather.shape[0], gather.shape[1]);
        var table = _language.Embeddings;
        if (features is not null)
        {
            table = cat([table, _projector.Forward(features).flatten(0, 1)], 0);
        }

        var x = table.index_select(0, gather.flatten()).view(batch, length, _shape.Width);
        x = _language.Forward(x, _language.EmptyStates(batch, CPU), step);
        return _language.Logits(x.view(batch * length, _shape.Width).index_select(0, asked));
    }
}
