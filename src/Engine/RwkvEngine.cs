using Microsoft.Extensions.Logging;
using RwkvSk.Engine.Prompts;
using RwkvSk.Engine.Scheduling;
using RwkvSk.Engine.States;
using RwkvSk.Engine.Tokenization;

namespace RwkvSk.Engine;

/// <summary>
/// A loaded model: answers prompts as token streams, hands out snapshots of states. Safe from any thread; one engine per model and process.
/// </summary>
public sealed class RwkvEngine : IDisposable, IAsyncDisposable
{
    /// <summary>Puts an engine together from its parts; <see cref="Load"/> is the usual way.</summary>
    internal RwkvEngine(IModelRunner runner, ITokenizer? tokenizer, ModelDescription model, EngineOptions options, ILoggerFactory? loggers = null, TimeProvider? time = null)
    {
        _ = (runner, tokenizer, options, loggers, time);
        Model = model;
    }

    /// <summary>Loads a checkpoint file or a model folder.</summary>
    /// <param name="modelPath">A .safetensors or .pth file, or a folder that holds one with its vocabulary.</param>
    /// <param name="options">null takes the defaults.</param>
    /// <param name="loggers">Where to log; null logs nothing.</param>
    /// <exception cref="FileNotFoundException">Nothing is there.</exception>
    /// <exception cref="ModelFormatException">It is no checkpoint this engine knows.</exception>
    public static RwkvEngine Load(string modelPath, EngineOptions? options = null, ILoggerFactory? loggers = null) =>
        throw new NotSupportedException($"Loading '{modelPath}' needs the model room ({options}, {loggers}).");

    /// <summary>What was loaded.</summary>
    public ModelDescription Model { get; }

    /// <summary>Reads a prompt and streams the answer. The prompt is checked and encoded before the first element is awaited.</summary>
    /// <param name="prompt">What to read.</param>
    /// <param name="options">null takes the defaults.</param>
    /// <param name="cancellationToken">Stops within one step; the stream then throws <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="EngineBusyException">The queue is full.</exception>
    /// <exception cref="ObjectDisposedException">The engine is disposed.</exception>
    public IAsyncEnumerable<GeneratedToken> GenerateAsync(Prompt prompt, GenerationOptions? options = null, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException($"{prompt} {options} {cancellationToken}");

    /// <summary>Reads a prompt (or finds it read) and returns the state at its end.</summary>
    public Task<StateSnapshot> CaptureAsync(Prompt prompt, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException($"{prompt} {cancellationToken}");

    /// <summary>The number of tokens of a text, for budgets.</summary>
    public int CountTokens(string text) => throw new NotSupportedException(text);

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
