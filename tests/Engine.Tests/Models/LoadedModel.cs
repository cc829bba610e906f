using RwkvSk.Engine.Kernels;
using RwkvSk.Engine.Kernels.Cpu;
using RwkvSk.Engine.Models;
using RwkvSk.Engine.Weights;
using static TorchSharp.torch;

namespace RwkvSk.Engine.Tests.Models;

/// <summary>A checkpoint's language model on the CPU, with the small conveniences that tests want.</summary>
internal sealed class LoadedModel : IDisposable
{
    private readonly IWeightFile _file;
    private readonly string _prefix;

    public LoadedModel(string path, string prefix = "", ScalarType precision = ScalarType.Float32, ImageScan scan = ImageScan.Unidirectional)
    {
        LibTorchLoader.EnsureLoaded();
        _file = WeightFiles.Open(path);
        Source = new FileWeightSource(_file, CPU, precision);
        Root = new WeightScope(Source);
        _prefix = prefix.Length == 0 ? "" : prefix + ".";
        var scope = prefix.Length == 0 ? Root : Root[prefix];
        Model = new RwkvModel(scope, RwkvConfig.Read(scope) with { Scan = scan });
    }

    public FileWeightSource Source { get; }

    /// <summary>The whole checkpoint.</summary>
    public WeightScope Root { get; }

    public RwkvModel Model { get; }

    public RwkvConfig Config => Model.Config;

    /// <summary>What a runner makes its decoder with; null where the version has no kernels for the CPU.</summary>
    public Func<StatesInPlace, CpuDecoder>? Decoder(EngineOptions options) => DecodeMixers.Supports(Config.Version)
        ? states => new CpuDecoder(_file, _prefix, Config, states, CpuDecoderOptions.For(options))
        : null;

    public LayerState[] Empty() => Model.EmptyStates(1, CPU);

    /// <summary>Raw embeddings [1,T,C] of tokens.</summary>
    public Tensor Embed(IEnumerable<int> tokens) => Model.Embed(tensor(tokens.Select(static t => (long)t).ToArray()).unsqueeze(0));

    /// <summary>Logits at every position, [T*V], reading <paramref name="chunk"/> positions at a time.</summary>
    public float[] Logits(IReadOnlyList<int> tokens, LayerState[] states, int chunk) => LogitsOf(Embed(tokens), states, chunk);

    /// <summary>The same for raw embeddings [1,T,C].</summary>
    public float[] LogitsOf(Tensor x, LayerState[] states, int chunk) => LogitsOf(x, states, chunk, null);

    /// <summary>The same for an image's embeddings [1,P,C], which are read in one step.</summary>
    public float[] LogitsOfImage(Tensor x, LayerState[] states, ImageSpan span) => LogitsOf(x, states, (int)x.shape[1], span);

    /// <summary>The token of the largest logit at the last position.</summary>
    public int Greedy(float[] logits)
    {
        var last = logits.AsSpan(^Config.VocabularySize..).ToArray();
        return Array.IndexOf(last, last.Max());
    }

    private float[] LogitsOf(Tensor x, LayerState[] states, int chunk, ImageSpan? span)
    {
        using var inference = inference_mode();
        var length = (int)x.shape[1];
        var logits = new List<float>();
        for (var at = 0; at < length; at += chunk)
        {
            using var scope = NewDisposeScope();
            var hidden = Model.Forward(x.narrow(1, at, Math.Min(chunk, length - at)), states, image: span);
            logits.AddRange(Model.Logits(hidden).data<float>());
            foreach (var state in states)
            {
                state.MoveToOuter(scope);
            }
        }

        return [.. logits];
    }

    public void Dispose() => _file.Dispose();
}
