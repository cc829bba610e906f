using System.Security.Cryptography;
using System.Text;
using RwkvSk.Engine.Prompts;
using RwkvSk.Engine.Scheduling;
using RwkvSk.Engine.States;

namespace RwkvSk.TestKit;

/// <summary>
/// A model that answers by script: "when the prompt's text ends with X, answer Y". It goes through the whole engine (slots, snapshots, prefix cache, sampling, stop texts), over
/// <see cref="ByteTokenizer"/>. A picture shows in the prompt's text as <see cref="Picture"/>. After the scripted text it gives the end-of-text token.
/// </summary>
internal sealed class ScriptedModelRunner : IModelRunner
{
    /// <summary>Stands for a picture in the text of prompts.</summary>
    public const string Picture = "\uFFFC";

    private static readonly byte[] Hash = SHA256.HashData("a scripted model"u8);

    // A state is the number of what has been read so far; the readings themselves live here. Written by the loop's thread, read by tests.
    private readonly Lock _gate = new();
    private readonly List<Reading> _readings = [new Reading("", null, 0)];
    private readonly List<string> _prompts = [];
    private readonly int[] _slots;
    private readonly List<Func<string, string?>> _script = [];
    private long _prefillPositions;

    public ScriptedModelRunner(int slots = 4, int positionsPerImage = 4)
    {
        SlotCount = slots;
        PositionsPerImage = positionsPerImage;
        _slots = new int[slots];
    }

    public StateLayout Layout { get; } = new(1, 1, 1);

    public int VocabularySize => ByteTokenizer.Size;

    public int SlotCount { get; }

    public int PositionsPerImage { get; }

    public ReadOnlySpan<byte> Fingerprint => Hash;

    /// <summary>The whole text of every prompt that was answered, in order.</summary>
    public IReadOnlyList<string> Prompts
    {
        get
        {
            lock (_gate)
            {
                return [.. _prompts];
            }
        }
    }

    /// <summary>The pictures that were encoded, in order.</summary>
    public List<ReadOnlyMemory<byte>> Pictures { get; } = [];

    /// <summary>Positions read by prefill steps: what the prefix cache could not spare.</summary>
    public long PrefillPositions => Interlocked.Read(ref _prefillPositions);

    /// <summary>Called on the loop's thread before a step; may block or throw.</summary>
    public Action<Batch>? BeforeStep { get; set; }

    /// <summary>Adds a line to the script. Earlier lines go first.</summary>
    /// <param name="promptEnding">How the prompt's text has to end.</param>
    /// <param name="answer">What is generated then.</param>
    public ScriptedModelRunner When(string promptEnding, string answer) => Answer(text => text.EndsWith(promptEnding, StringComparison.Ordinal) ? answer : null);

    /// <summary>What is generated when nothing else fits.</summary>
    public ScriptedModelRunner Otherwise(string answer) => Answer(_ => answer);

    /// <summary>Adds a line to the script: prompt text to answer, or null when it does not fit.</summary>
    public ScriptedModelRunner Answer(Func<string, string?> line)
    {
        _script.Add(line);
        return this;
    }

    public IImageEmbeddings EncodeImage(ImageSegment image)
    {
        if (image.Encoded.IsEmpty)
        {
            throw new Engine.ImageFormatException("an empty file is no picture");
        }

        Pictures.Add(image.Encoded);
        return new FakeImageEmbeddings(PositionsPerImage, 0);
    }

    public void Step(Batch batch, Span<float> logits)
    {
        BeforeStep?.Invoke(batch);
        lock (_gate)
        {
            var wanted = 0;
            for (var i = 0; i < batch.Rows.Count; i++)
            {
                var row = batch.Rows[i];
                var reading = _readings[_slots[row.Slot]];
                reading = batch.Phase == Phase.Prefill && reading.Answer is null ? ReadPrompt(reading, row) : reading with { Generated = reading.Generated + row.Positions };
                if (row.WantLogits)
                {
                    reading = reading.Answer is null ? Begin(reading) : reading;
                    var line = logits.Slice(wanted++ * VocabularySize, VocabularySize);
                    line.Clear();
                    line[reading.Generated < reading.Answer!.Length ? reading.Answer[reading.Generated] + 1 : 0] = 40;
                }

                _slots[row.Slot] = _readings.Count;
                _readings.Add(reading);
            }
        }
    }

    public void Reset(int slot) => _slots[slot] = 0;

    public StateSnapshot Capture(int slot, long position) => new(Layout, position, [_slots[slot]]);

    public void Restore(int slot, StateSnapshot snapshot) => _slots[slot] = (int)snapshot.Data.Span[0];

    public void Dispose()
    {
    }

    private Reading ReadPrompt(Reading reading, in BatchRow row)
    {
        Interlocked.Add(ref _prefillPositions, row.Positions);
        var text = row.Image is null ? Latin(row.Tokens.Span) : Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(Picture));
        return new Reading(reading.Bytes + text, null, 0);
    }

    private Reading Begin(Reading reading)
    {
        var prompt = Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(reading.Bytes));
        _prompts.Add(prompt);
        var answer = _script.Select(line => line(prompt)).FirstOrDefault(static a => a is not null)
            ?? throw new InvalidOperationException($"The script has no line for a prompt that ends '{prompt[^Math.Min(60, prompt.Length)..]}'.");
        return reading with { Answer = Encoding.UTF8.GetBytes(answer) };
    }

    private static string Latin(ReadOnlySpan<int> tokens)
    {
        var bytes = new byte[tokens.Length];
        for (var i = 0; i < tokens.Length; i++)
        {
            bytes[i] = (byte)(tokens[i] - 1);
        }

        return Encoding.Latin1.GetString(bytes);
    }

    // Bytes read so far, one char each; the answer that was begun after them, and how much of it was generated.
    private sealed record Reading(string Bytes, byte[]? Answer, int Generated);
}
