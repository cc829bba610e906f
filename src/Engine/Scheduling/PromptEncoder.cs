using System.Text;
using RwkvSk.Engine.Prompts;
using RwkvSk.Engine.States;
using RwkvSk.Engine.Tokenization;

namespace RwkvSk.Engine.Scheduling;

/// <summary>Cuts prompts into prefill steps and names what each has read. Immutable; runs on the caller's thread.</summary>
internal sealed class PromptEncoder
{
    private readonly ITokenizer? _tokenizer;
    private readonly StateLayout _layout;
    private readonly string _modelName;
    private readonly int _positionsPerImage;
    private readonly int _chunkLength;
    private readonly PrefixKey _root;
    private readonly Func<ImageSegment, Digest> _contentOf;

    /// <summary>Creates an encoder for one model.</summary>
    public PromptEncoder(IModelRunner runner, ITokenizer? tokenizer, string modelName, int chunkLength)
    {
        (_tokenizer, _layout, _modelName, _positionsPerImage, _chunkLength) = (tokenizer, runner.Layout, modelName, runner.PositionsPerImage, chunkLength);
        _contentOf = runner.ContentOf;
        _root = PrefixKey.Root(
            runner.Fingerprint.ToArray(),
            tokenizer is null ? [] : tokenizer.Fingerprint.ToArray(),
            BitConverter.GetBytes(runner.PositionsPerImage),
            BitConverter.GetBytes(chunkLength));
    }

    /// <summary>Encodes a prompt.</summary>
    /// <param name="prompt">What to read.</param>
    /// <param name="from">The state to begin with, or null.</param>
    /// <param name="scope">Who may share kept states; null is everybody without a scope.</param>
    /// <exception cref="ArgumentException">There is nothing to read, or the state is another model's.</exception>
    /// <exception cref="NotSupportedException">A picture for a model without eyes, or text for one without a vocabulary.</exception>
    public EncodedPrompt Encode(Prompt prompt, StateSnapshot? from = null, string? scope = null)
    {
        byte[]? salt = scope is null ? null : Encoding.UTF8.GetBytes(scope);
        var root = salt is null ? _root : _root.In(salt);
        var cut = new Cut(_chunkLength, from?.Position ?? 0, from is null ? root : KeyOf(from, root, salt), salt);
        for (var turn = 0; turn < prompt.Turns.Count; turn++)
        {
            foreach (var segment in prompt.Turns[turn].Segments)
            {
                switch (segment)
                {
                    case TextSegment text:
                        cut.AddTokens(Tokenize(text.Text), turn);
                        break;
                    case ImageSegment image when _positionsPerImage > 0:
                        cut.AddImage(image, _contentOf(image), _positionsPerImage, turn);
                        break;
                    case ImageSegment:
                        throw new NotSupportedException($"'{_modelName}' reads text only, but turn {turn + 1} of {prompt.Turns.Count} holds a picture.");
                    default:
                        throw new System.Diagnostics.UnreachableException($"unhandled segment {segment.GetType().Name}");
                }
            }

            cut.EndTurn();
        }

        return cut.Steps.Count > 0
            ? new EncodedPrompt(from, root, [.. cut.Steps]) { Scope = scope }
            : throw new ArgumentException($"A prompt needs at least one position to read, found none in {prompt.Turns.Count} turns.", nameof(prompt));
    }

    /// <summary>The key of having read nothing in a scope: whose budget its states count against; null for nobody's in particular.</summary>
    public PrefixKey? QuotaScope(string? scope) => scope is null ? null : _root.In(Encoding.UTF8.GetBytes(scope));

    /// <summary>The tokens of a text.</summary>
    /// <exception cref="NotSupportedException">The model has no vocabulary.</exception>
    public int[] Tokenize(string text) => _tokenizer is null
        ? throw new NotSupportedException($"'{_modelName}' was loaded without a vocabulary, so it reads and writes no text.")
        : [.. _tokenizer.Encode(text)];

    /// <summary>
    /// What a snapshot has read. One that was captured here, within the same scope, goes on with its own chain; one that belongs to everybody does so too, and what
    /// comes after it belongs to the scope; another one is named by its numbers.
    /// </summary>
    private PrefixKey KeyOf(StateSnapshot from, PrefixKey root, byte[]? salt)
    {
        if (from.Layout != _layout)
        {
            throw new ArgumentException($"The state has {from.Layout}, but '{_modelName}' has {_layout}.", nameof(from));
        }

        return from.Origin is not { } origin ? root.In(from.Fingerprint())
            : origin.Root == root ? origin.Key
            : origin.Root == _root && salt is not null ? origin.Key.In(salt)
            : root.In(from.Fingerprint());
    }

    /// <summary>The running cut: steps, boundaries and the chain so far.</summary>
    private sealed class Cut(int chunkLength, long position, PrefixKey key, byte[]? salt)
    {
        private long _position = position;

        public PrefixKey Key { get; private set; } = key;

        public List<PromptStep> Steps { get; } = [];

        public void AddTokens(int[] tokens, int turn)
        {
            for (var start = 0; start < tokens.Length; start += chunkLength)
            {
                var chunk = tokens.AsMemory(start, Math.Min(chunkLength, tokens.Length - start));
                Key = Key.Then(chunk.Span);
                _position += chunk.Length;
                Steps.Add(new PromptStep(chunk, null, default, turn, new Boundary(_position, Key), IsKept: false));
            }
        }

        public void AddImage(ImageSegment image, Digest content, int positions, int turn)
        {
            Key = Key.ThenImage(content);
            _position += positions;
            Steps.Add(new PromptStep(default, image, Salted(content), turn, new Boundary(_position, Key), IsKept: true));
        }

        // Encoded pictures are no more shared between scopes than states are: how fast an answer begins would tell what others have shown.
        private Digest Salted(Digest content)
        {
            if (salt is null)
            {
                return content;
            }

            Span<byte> bytes = stackalloc byte[Digest.Length];
            content.Write(bytes);
            return Digest.Of([.. bytes, .. salt]);
        }

        public void EndTurn()
        {
            if (Steps.Count > 0)
            {
                Steps[^1] = Steps[^1] with { IsKept = true };
            }
        }
    }
}
