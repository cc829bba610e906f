using RwkvSk.Engine.Models;
using RwkvSk.Engine.Weights;
using static TorchSharp.torch;

namespace RwkvSk.Engine.Tests.Models;

/// <summary>A checkpoint's language model in fp32 on the CPU, with the small conveniences that tests want.</summary>
internal sealed class LoadedModel : IDisposable
{
    private readonly IWeightFile _file;

    public LoadedModel(string path, string prefix = "")
    {
        LibTorchLoader.EnsureLoaded();
        _file = path.EndsWith(".pth", StringComparison.Ordinal) ? PthFile.Open(path) : SafetensorsFile.Open(path);
        Source = new FileWeightSource(_file, CPU, ScalarType.Float32);
        var scope = prefix.Length == 0 ? new WeightScope(Source) : new WeightScope(Source)[prefix];
        Model = new RwkvModel(scope, RwkvConfig.Read(scope));
    }

    public FileWeightSource Source { get; }

    public RwkvModel Model { get; }

    public RwkvConfig Config => Model.Config;

    public LayerState[] Empty() => Model.EmptyStates(1, CPU);

    /// <summary>Logits at every position, [T*V], reading <paramref name="chunk"/> positions at a time.</summary>
    public float[] Logits(IReadOnlyList<int> tokens, LayerState[] states, int chunk) =>
        LogitsOf(Model.Embed(tensor(tokens.Select(static t => (long)t).ToArray()).unsqueeze(0)), states, chunk);

    /// <summary>The same for raw embeddings [1,T,C].</summary>
    public float[] LogitsOf(Tensor x, LayerState[] states, int chunk)
    {
        using var inference = inference_mode();
        var length = (int)x.shape[1];
        var logits = new List<float>();
        for (var at = 0; at < length; at += chunk)
        {
            using var scope = NewDisposeScope();
            var hidden = Model.Forward(x.narrow(1, at, Math.Min(chunk, length - at)), states);
            logits.AddRange(Model.Logits(hidden).data<float>());
            foreach (var state in states)
            {
                state.TimeShift.MoveToOuterDisposeScope();
                state.Wkv.MoveToOuterDisposeScope();
                state.ChannelShift.MoveToOuterDisposeScope();
            }
        }

        return [.. logits];
    }

    public void Dispose() => _file.Dispose();
}
