using System.Text;
using RwkvSk.Engine.Tokenization;
using RwkvSk.Trainer.Data;

namespace RwkvSk.Samples.Tests.Data;

/// <summary>Seeded rows to look at.</summary>
internal static class Samples
{
    private static readonly Lazy<WorldTokenizer> Built = new(() => WorldTokenizer.Parse(Encoding.UTF8.GetBytes(VocabularyBuilder.Build(Segments(1, 2000))), "vocabulary.txt"));

    /// <summary>The tokenizer of a vocabulary chosen from some thousand rows.</summary>
    public static ITokenizer Tokenizer => Built.Value;

    public static IReadOnlyList<Conversation> Conversations(int seed, int count)
    {
        using var generator = new ConversationGenerator();
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => generator.Next(random))];
    }

    public static IEnumerable<string> Segments(int seed, int count) =>
        Conversations(seed, count).SelectMany(c => c.Turns).SelectMany(ConversationEncoder.Segments).OfType<string>();
}
