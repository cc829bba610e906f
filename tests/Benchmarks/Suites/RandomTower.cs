using RwkvSk.Engine.Models;
using RwkvSk.Engine.Vision;
using static TorchSharp.torch;

namespace RwkvSk.Benchmarks.Suites;

/// <summary>Vision towers of the published sizes with random weights.</summary>
internal sealed class RandomTower : IWeightSource
{
    private readonly Dictionary<string, long[]> _shapes;
    private readonly ScalarType _type;
    private readonly Device? _device;

    private RandomTower(ScalarType type, Device? device, int layers, string layerName, params (string Name, long[] Shape)[] shapes)
    {
        (_type, _device) = (type, device);
        _shapes = shapes.ToDictionary(static s => s.Name, static s => s.Shape);
        for (var i = 0; i < layers; i++)
        {
            _shapes.TryAdd($"{layerName}.{i}.counted", [1]);
        }
    }

    /// <summary>The towers of the published VisualRWKV models, by name.</summary>
    /// <param name="type">Of the matrices.</param>
    /// <param name="layers">Layers; 0 for as many as are published.</param>
    /// <param name="device">Where they are; null for the CPU.</param>
    /// <param name="name">Only those whose name has this in it: a tower takes a gigabyte.</param>
    public static IReadOnlyList<(string Name, IVisionTower Tower)> All(ScalarType type, int layers = 0, Device? device = null, string name = "")
    {
        (string Name, Func<IVisionTower> Make)[] towers =
        [
            ("CLIP ViT-L/14 336", () => Vit(new RandomTower(
                type, device, Layers(24), "encoder.layers", ("embeddings.patch_embedding.weight", [1024, 3, 14, 14]), ("embeddings.position_embedding.weight", [577, 1024]), ("embeddings.class_embedding", [1024]),
                ("encoder.layers.0.mlp.fc1.weight", [4096, 1024])))),
            ("SigLIP so400m/14 448", () => Vit(new RandomTower(
                type, device, Layers(27), "blocks", ("patch_embed.proj.weight", [1152, 3, 14, 14]), ("pos_embed", [1, 1024, 1152]), ("blocks.0.mlp.fc1.weight", [4304, 1152])))),
            ("DINOv2 ViT-L/14 448", () => Vit(new RandomTower(
                type, device, Layers(24), "blocks", ("patch_embed.proj.weight", [1024, 3, 14, 14]), ("pos_embed", [1, 1024, 1024]), ("cls_token", [1, 1, 1024]), ("reg_token", [1, 4, 1024]),
                ("blocks.0.mlp.fc1.weight", [4096, 1024])))),
        ];
        return [.. towers.Where(tower => tower.Name.Contains(name, StringComparison.OrdinalIgnoreCase)).Select(static tower => (tower.Name, tower.Make()))];

        int Layers(int published) => layers > 0 ? layers : published;
    }

    /// <inheritdoc/>
    public IEnumerable<string> Names => _shapes.Keys;

    /// <inheritdoc/>
    public IReadOnlyList<long>? ShapeOf(string name) => _shapes.GetValueOrDefault(name);

    /// <inheritdoc/>
    public Tensor Matrix(string name, ReadOnlySpan<long> shape) => Small(shape.ToArray(), _type, _device);

    /// <inheritdoc/>
    public Tensor Vector(string name, ReadOnlySpan<long> shape) => Small(shape.ToArray(), ScalarType.Float32, _device);

    private static VitTower Vit(RandomTower source)
    {
        var scope = new WeightScope(source);
        return new VitTower(scope, VitConfig.Read(scope, headCount: null));
    }

    // Rows of unit length: activations stay in range.
    private static Tensor Small(long[] shape, ScalarType type, Device? device) =>
        TensorMath.Scoped(() => randn(shape).div(tensor(MathF.Sqrt(shape.Length > 1 ? shape[^1] : 1))).to(type, device ?? CPU));
}
