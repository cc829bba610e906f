using Microsoft.Extensions.Logging;
using RwkvSk.Engine;
using RwkvSk.Engine.Scheduling;

namespace RwkvSk.TestKit;

/// <summary>Real engines over runners that are none, with <see cref="ByteTokenizer"/>.</summary>
internal static class TestEngine
{
    /// <summary>A real engine over <paramref name="runner"/>.</summary>
    public static RwkvEngine Over(IModelRunner runner, EngineOptions? options = null, ILoggerFactory? loggers = null, TimeProvider? time = null) =>
        new(runner, ByteTokenizer.Instance, Describe(runner), options ?? new EngineOptions(), loggers, time);

    /// <summary>What a model with this runner's sizes says of itself.</summary>
    public static ModelDescription Describe(IModelRunner runner, ModelPreset? preset = null) => new(
        Name: "fake",
        Version: "rwkv-7",
        runner.Layout.LayerCount,
        runner.Layout.Width,
        HeadSize: Math.Max(0, runner.Layout.RowCount - 2),
        FfnWidth: 4 * runner.Layout.Width,
        runner.VocabularySize,
        ParameterCount: 0,
        VisionTowers: runner.PositionsPerImage > 0 ? ["fake"] : [],
        runner.PositionsPerImage,
        Device: "cpu",
        WeightPrecision.Float32,
        runner.Layout,
        preset ?? new ModelPreset());
}
