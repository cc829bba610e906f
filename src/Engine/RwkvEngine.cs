using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using RwkvSk.Engine.Constraints.Masks;
using RwkvSk.Engine.Models;
using RwkvSk.Engine.Prompts;
using RwkvSk.Engine.Sampling;
using RwkvSk.Engine.Scheduling;
using RwkvSk.Engine.States;
using RwkvSk.Engine.Tokenization;
using RwkvSk.Engine.Weights;

namespace RwkvSk.Engine;

/// <summary>
/// A loaded model: answers prompts as token streams, hands out snapshots of states. Safe from any thread; one engine per model and process.
/// </summary>
public sealed class RwkvEngine : IDisposable, IAsyncDisposable
{
    private readonly ITokenizer? _tokenizer;
    private readonly SamplingVocabulary? _vocabulary;
    private readonly VocabularyTrie? _trie;
    private readonly TimeProvider _time;
    private readonly PromptEncoder _encoder;
    private readonly SnapshotCodec _codec;
    private readonly EngineLoop _loop;

    /// <summary>Puts an engine together from its parts; <see cref="Load"/> is the usual way. The engine owns the runner from here on.</summary>
    internal RwkvEngine(IModelRunner runner, ITokenizer? tokenizer, ModelDescription model, EngineOptions options, ILoggerFactory? loggers = null, TimeProvider? time = null)
    {
        options.Validate();
        Model = model;
        _tokenizer = tokenizer;
        _vocabulary = tokenizer is null ? null : new SamplingVocabulary(tokenizer, runner.VocabularySize, Answer.EndOfText);
        _trie = tokenizer is null ? null : new VocabularyTrie(tokenizer);
        _time = time ?? TimeProvider.System;
        _encoder = new PromptEncoder(runner, tokenizer, model.Name, options.ChunkLength);
        _codec = new SnapshotCodec(runner, tokenizer, model.Name, options, _time);
        _loop = new EngineLoop(runner, model.Name, _codec, _vocabulary, options, (loggers ?? NullLoggerFactory.Instance).CreateLogger<RwkvEngine>(), _time);
    }

    /// <summary>Loads a checkpoint file or a model folder.</summary>
    /// <param name="modelPath">A .safetensors or .pth file, or a folder that holds one with its vocabulary.</param>
    /// <param name="options">null takes the defaults.</param>
    /// <param name="loggers">Where to log; null logs nothing.</param>
    /// <exception cref="FileNotFoundException">Nothing is there.</exception>
    /// <exception cref="ModelFormatException">It is no checkpoint this engine knows.</exception>
    /// <exception cref="InsufficientMemoryException">It cannot fit into the memory that is free; the message says what would take most.</exception>
    public static RwkvEngine Load(string modelPath, EngineOptions? options = null, ILoggerFactory? loggers = null)
    {
        options ??= new EngineOptions();
        options.Validate();
        var model = ModelLoader.Load(modelPath, options, loggers);
        return options.EvaluationPadding
            ? new RwkvEngine(model.PaddedRunner(), model.Tokenizer, model.Description, options with { PrefixCacheBytes = 0 }, loggers)
            : new RwkvEngine(model.Runner, model.Tokenizer, model.Description, options, loggers);
    }

    /// <summary>Reads a state-tuned file for this model: a state to begin with, for <see cref="GenerateAsync(StateSnapshot, Prompt, GenerationOptions?, CancellationToken)"/>.</summary>
    /// <param name="path">The file, with <c>blocks.i.att.time_state</c> for every layer.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="ModelFormatException">It holds no tuned state, or one of another model.</exception>
    public StateSnapshot ReadTunedState(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        return TunedState.Load(path, Model.State, Model.Version);
    }

    /// <summary>What was loaded.</summary>
    public ModelDescription Model { get; }

    /// <summary>Requests that have not left the engine yet, waiting or running.</summary>
    internal int LiveRequests => _loop.Live;

#pragma warning disable RS0026 // the overloads differ in their first parameter, so an added option can not make a call ambiguous

    /// <summary>Reads a prompt and streams the answer. The prompt is checked and encoded before the first element is awaited.</summary>
    /// <param name="prompt">What to read.</param>
    /// <param name="options">null takes the defaults.</param>
    /// <param name="cancellationToken">Stops within one step; the stream then throws <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="EngineBusyException">The queue is full, or the request waited too long in it.</exception>
    /// <exception cref="ImageFormatException">A picture of the prompt cannot be read.</exception>
    /// <exception cref="NotSupportedException">The prompt holds a picture and the model reads none, or the model has no vocabulary.</exception>
    /// <exception cref="ObjectDisposedException">The engine is disposed.</exception>
    public IAsyncEnumerable<GeneratedToken> GenerateAsync(Prompt prompt, GenerationOptions? options = null, CancellationToken cancellationToken = default) =>
        GenerateCoreAsync(null, prompt, options, cancellationToken);

    /// <summary>Reads on from a snapshot and streams the answer. The snapshot is not changed: any number of requests may go on from it.</summary>
    /// <param name="from">What has been read before.</param>
    /// <param name="rest">What to read after it.</param>
    /// <param name="options">null takes the defaults.</param>
    /// <param name="cancellationToken">Stops within one step; the stream then throws <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="ArgumentException">The snapshot has another model's shape.</exception>
    /// <exception cref="EngineBusyException">The queue is full, or the request waited too long in it.</exception>
    /// <exception cref="ObjectDisposedException">The engine is disposed.</exception>
    public IAsyncEnumerable<GeneratedToken> GenerateAsync(StateSnapshot from, Prompt rest, GenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(from);
        return GenerateCoreAsync(from, rest, options, cancellationToken);
    }

    /// <summary>Reads a prompt (or finds it read) and returns the state at its end.</summary>
    /// <param name="prompt">What to read.</param>
    /// <param name="cancellationToken">Stops within one step.</param>
    /// <exception cref="EngineBusyException">The queue is full, or the request waited too long in it.</exception>
    /// <exception cref="ObjectDisposedException">The engine is disposed.</exception>
    public Task<StateSnapshot> CaptureAsync(Prompt prompt, CancellationToken cancellationToken = default) => CaptureCoreAsync(null, prompt, cancellationToken);

    /// <summary>Reads on from a snapshot and returns the state at the end.</summary>
    /// <param name="from">What has been read before; it is not changed.</param>
    /// <param name="rest">What to read after it.</param>
    /// <param name="cancellationToken">Stops within one step.</param>
    /// <exception cref="EngineBusyException">The queue is full, or the request waited too long in it.</exception>
    /// <exception cref="ObjectDisposedException">The engine is disposed.</exception>
    public Task<StateSnapshot> CaptureAsync(StateSnapshot from, Prompt rest, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(from);
        return CaptureCoreAsync(from, rest, cancellationToken);
    }

#pragma warning restore RS0026

    /// <summary>Reads a prompt in a scope and returns the state at its end.</summary>
    /// <param name="from">What has been read before, or null.</param>
    /// <param name="prompt">What to read.</param>
    /// <param name="cacheScope">As in <see cref="GenerationOptions.CacheScope"/>.</param>
    /// <param name="cancellationToken">Stops within one step.</param>
    internal Task<StateSnapshot> CaptureAsync(StateSnapshot? from, Prompt prompt, string? cacheScope, CancellationToken cancellationToken) =>
        CaptureCoreAsync(from, prompt, cancellationToken, cacheScope);

    /// <summary>Reads a tuned state: what the model then begins with instead of nothing. Go on from it as from any snapshot.</summary>
    /// <param name="path">A state-tuned checkpoint file, with tensors named <c>blocks.i.att.time_state</c>; nothing else of it is looked at.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="ModelFormatException">It holds no tuned state, or another model's.</exception>
    public StateSnapshot LoadTunedState(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return TunedState.Load(path, Model.State, Model.Version);
    }

    /// <summary>Reads a state from a file of either kind: a state-tuned checkpoint or a snapshot.</summary>
    /// <exception cref="ModelFormatException">It holds another model's tuned state.</exception>
    /// <exception cref="SnapshotFormatException">It holds no tuned state and is no sound snapshot of this model.</exception>
    internal async Task<StateSnapshot> LoadStateAsync(string path, CancellationToken cancellationToken)
    {
        bool isTuned;
        using (var file = WeightFiles.OpenAsIs(path))
        {
            isTuned = TunedState.IsIn(file);
        }

        return isTuned ? LoadTunedState(path) : await LoadSnapshotAsync(path, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Forgets every state that is kept of a scope: in memory, on its way to a store, and in every store, there for whichever model. Encoded pictures, of which it is not known
    /// whose they were, go as well. Requests of that scope that are still under way may keep states again.
    /// </summary>
    /// <param name="cacheScope">As in <see cref="GenerationOptions.CacheScope"/>; null for what is kept without a scope.</param>
    /// <param name="cancellationToken">Stops waiting; what was begun is done all the same.</param>
    /// <returns>How many states were removed, each place counted by itself.</returns>
    /// <exception cref="IOException">A store could not be reached and may still hold some; memory and the other stores have forgotten.</exception>
    /// <exception cref="ObjectDisposedException">The engine is disposed.</exception>
    public Task<int> ForgetAsync(string? cacheScope, CancellationToken cancellationToken = default) =>
        _loop.Kept.ForgetAsync(_encoder.QuotaScope(cacheScope), cacheScope).WaitAsync(cancellationToken);

    /// <summary>Forgets what is kept of a conversation, and what was read on from there as far as that is known in memory.</summary>
    /// <param name="from">What comes before it, or null; it is not touched.</param>
    /// <param name="prompt">The conversation.</param>
    /// <param name="keptTurns">Turns at its beginning whose states stay, because others begin with them too.</param>
    /// <param name="cacheScope">Whose it is, or null.</param>
    /// <param name="cancellationToken">Stops waiting; what was begun is done all the same.</param>
    /// <returns>How many states were removed, each place counted by itself.</returns>
    internal Task<int> ForgetAsync(StateSnapshot? from, Prompt prompt, int keptTurns, string? cacheScope, CancellationToken cancellationToken) =>
        _loop.Kept.ForgetAsync([.. _encoder.Encode(prompt, from, cacheScope).Steps.Where(step => step.Turn >= keptTurns)]).WaitAsync(cancellationToken);

    /// <summary>Holds a captured state in memory, where every prompt of its scope that begins with what it has read finds it, until it is unpinned as often. It counts towards the budget.</summary>
    /// <param name="snapshot">A state that this engine captured, or loaded with its secret.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>Whether there is room for it beside what else is pinned.</returns>
    /// <exception cref="ArgumentException">It is not known what the state has read.</exception>
    public Task<bool> PinAsync(StateSnapshot snapshot, CancellationToken cancellationToken = default) => _loop.Kept.PinAsync(snapshot, KeyOf(snapshot)).WaitAsync(cancellationToken);

    /// <summary>Takes one <see cref="PinAsync"/> back.</summary>
    /// <param name="snapshot">The state that was pinned.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>Whether it was pinned.</returns>
    /// <exception cref="ArgumentException">It is not known what the state has read.</exception>
    public Task<bool> UnpinAsync(StateSnapshot snapshot, CancellationToken cancellationToken = default) => _loop.Kept.UnpinAsync(KeyOf(snapshot)).WaitAsync(cancellationToken);

    /// <summary>Writes a state to a file: safetensors, sealed with <see cref="EngineOptions.SnapshotSecret"/>, in <see cref="EngineOptions.SnapshotPrecision"/>.</summary>
    /// <param name="snapshot">The state; one of this model.</param>
    /// <param name="path">Where to; a file that is there is replaced when the new one is complete.</param>
    /// <param name="cancellationToken">Gives up and leaves nothing behind.</param>
    /// <exception cref="ArgumentException">The state has another model's shape.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public Task SaveSnapshotAsync(StateSnapshot snapshot, string path, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        ArgumentException.ThrowIfNullOrEmpty(path);
        return snapshot.Layout == Model.State
            ? AtomicFile.WriteAsync(path, _codec.Write(snapshot), cancellationToken)
            : throw new ArgumentException($"The state has {snapshot.Layout}, but '{Model.Name}' has {Model.State}.", nameof(snapshot));
    }

    /// <summary>Reads a state that <see cref="SaveSnapshotAsync"/> wrote, in this process or another, with this model.</summary>
    /// <param name="path">The file.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The state; where both sides share a secret and a chunk length, it goes on as the captured one would.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="SnapshotFormatException">It is no snapshot, was cut short or changed, was sealed with another secret, or belongs to another model.</exception>
    public async Task<StateSnapshot> LoadSnapshotAsync(string path, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var length = new FileInfo(path).Length;
        return length <= _codec.MostBytes
            ? _codec.Read(await File.ReadAllBytesAsync(path, cancellationToken).ConfigureAwait(false), path)
            : throw new SnapshotFormatException($"'{path}' has {length} bytes; a state of '{Model.Name}' has at most {_codec.MostBytes}.");
    }

    /// <summary>
    /// Reads a prompt's last turn when there is nothing else to do, so that the state after it is kept when somebody goes on from there. Nobody waits for it, no
    /// request waits for more than one step of it, and it is given up where requests need its slot or where the state before that turn is kept no more.
    /// </summary>
    /// <param name="prompt">What is to be read; all but its last turn was read before.</param>
    /// <param name="from">What has been read before it, or null.</param>
    /// <param name="cacheScope">As in <see cref="GenerationOptions.CacheScope"/>.</param>
    /// <returns>Whether it is tried.</returns>
    internal bool ReadAhead(Prompt prompt, StateSnapshot? from = null, string? cacheScope = null) =>
        _loop.KeepsBoundaries && !_loop.IsStopping && _loop.TrySubmitBackground(Sequence.ToReadAhead(_encoder.Encode(prompt, from, cacheScope), _time.GetTimestamp()));
    /// <summary>The number of tokens of a text, for budgets.</summary>
    /// <exception cref="NotSupportedException">The model has no vocabulary.</exception>
    public int CountTokens(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return _encoder.Tokenize(text).Length;
    }

    /// <summary>Ends every request (their streams throw <see cref="OperationCanceledException"/>) and frees the model. Waits for the running step; may be called again.</summary>
    public void Dispose() => _loop.Dispose();

    /// <inheritdoc cref="Dispose"/>
    public async ValueTask DisposeAsync()
    {
        _loop.Stop();
        await _loop.WaitForEndAsync().ConfigureAwait(false);
    }

    private PrefixKey KeyOf(StateSnapshot snapshot)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        return snapshot.Layout == Model.State && snapshot.Origin is { } origin
            ? origin.Key
            : throw new ArgumentException($"Only a state that '{Model.Name}' captured, or loaded under its secret, can be pinned: of another one it is not known what it has read.", nameof(snapshot));
    }

    private IAsyncEnumerable<GeneratedToken> GenerateCoreAsync(StateSnapshot? from, Prompt prompt, GenerationOptions? options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        ObjectDisposedException.ThrowIf(_loop.IsStopping, this);
        options ??= new GenerationOptions();
        options.Validate();
        if (_tokenizer is null || _vocabulary is null || _trie is null)
        {
            throw new NotSupportedException($"'{Model.Name}' was loaded without a vocabulary, so it reads and writes no text.");
        }

        var (tokenizer, vocabulary, trie) = (_tokenizer, _vocabulary, _trie);
        return StreamAsync(_encoder.Encode(prompt, from, options.CacheScope), options, () => new Answer(options, tokenizer, vocabulary, trie), cancellationToken);
    }

    private async IAsyncEnumerable<GeneratedToken> StreamAsync(
        EncodedPrompt prompt, GenerationOptions options, Func<Answer> newAnswer, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var sequence = Sequence.ToAnswer(prompt, newAnswer(), _time.GetTimestamp(), _loop.KeepsBoundaries, options.Priority, options.CacheScope);

        // The loop has to know at once, also while the caller is busy with an earlier token.
        using var registration = cancellationToken.UnsafeRegister(static state => ((Sequence)state!).Cancel(), sequence);
        _loop.Submit(sequence);
        try
        {
            await foreach (var token in sequence.Tokens.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                yield return token;
            }
        }
        finally
        {
            sequence.Cancel();   // the caller may also have broken out of its loop
        }
    }

    private async Task<StateSnapshot> CaptureCoreAsync(StateSnapshot? from, Prompt prompt, CancellationToken cancellationToken, string? cacheScope = null)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        ObjectDisposedException.ThrowIf(_loop.IsStopping, this);
        cancellationToken.ThrowIfCancellationRequested();
        var sequence = Sequence.ToCapture(_encoder.Encode(prompt, from, cacheScope), _time.GetTimestamp(), _loop.KeepsBoundaries);
        using var registration = cancellationToken.UnsafeRegister(static state => ((Sequence)state!).Cancel(), sequence);
        _loop.Submit(sequence);
        try
        {
            return await sequence.CapturedAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            sequence.Cancel();
        }
    }
}
