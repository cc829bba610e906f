using System.Text;
using System.Text.Json;
using RwkvSk.Engine.Constraints;
using RwkvSk.Engine.Constraints.Masks;
using Xunit;

namespace RwkvSk.Engine.Tests.Constraints;

/// <summary>A thousand generated schemas: what they allow can be written in any tokens, and what noise writes is valid.</summary>
public class SchemaCorpusTests(ITestOutputHelper output)
{
    private const int Schemas = 1000;
    private static readonly double[] Temperatures = [0, 0.7, 1, 2];

    [Fact]
    public void Every_valid_document_is_accepted_in_any_tokens()
    {
        var vocabulary = new VocabularyTrie(ListTokenizer.Mixed);
        for (var seed = 0; seed < Schemas; seed++)
        {
            var generated = new SchemaGenerator(seed).Document();
            var text = generated.Schema.ToJsonString();
            var root = JsonDocument.Parse(text).RootElement;
            var constraint = Constraint.FromJsonSchema(text);
            var random = new Random(seed);
            for (var i = 0; i < 4; i++)
            {
                var document = generated.Write(random);
                Assert.True(NaiveValidator.IsValid(root, document), $"seed {seed}: the generator's {document} is not valid under {text}");
                var cursor = constraint.Start(vocabulary);
                foreach (var id in Split(vocabulary, Encoding.UTF8.GetBytes(document), random, longest: new[] { 1, 2, 4, 100 }[i]))
                {
                    Assert.True(cursor.Allows(id), $"seed {seed}: '{Encoding.UTF8.GetString(vocabulary.BytesOf(id))}' is refused in {document} under {text}");
                    cursor.Accept(id);
                }

                Assert.True(cursor.MayEnd, $"seed {seed}: {document} may not end under {text}");
            }
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Whatever_noise_writes_is_valid(bool overWorld)
    {
        Assert.SkipWhen(overWorld && ListTokenizer.World is null, "needs the World vocabulary: set RWKVSK_GOLDEN");
        var tokenizer = overWorld ? ListTokenizer.World! : ListTokenizer.Mixed;
        var writer = new RandomWriter(tokenizer, seed: 1);
        var (whole, cut) = (0, 0);
        for (var seed = 0; seed < Schemas; seed += overWorld ? 50 : 1)
        {
            var text = new SchemaGenerator(seed).Document().Schema.ToJsonString();
            var root = JsonDocument.Parse(text).RootElement;
            var constraint = Constraint.FromJsonSchema(text);
            foreach (var temperature in Temperatures)
            {
                var answer = writer.Write(constraint, temperature);
                Assert.True(answer is null || NaiveValidator.IsValid(root, answer), $"seed {seed}: {answer} is not valid under {text}");
                (whole, cut) = answer is null ? (whole, cut + 1) : (whole + 1, cut);
            }
        }

        output.WriteLine($"{whole} answers, all valid; {cut} cut off at the most tokens");
        Assert.True(whole > 20 * cut);
    }

    /// <summary>Tokens that spell the bytes, of a random length each.</summary>
    private static List<int> Split(VocabularyTrie vocabulary, ReadOnlySpan<byte> bytes, Random random, int longest)
    {
        var ids = new List<int>();
        while (!bytes.IsEmpty)
        {
            var (node, choices) = (0, new List<(int Id, int Length)>());
            for (var i = 0; i < Math.Min(bytes.Length, longest) && vocabulary.Child(node, bytes[i]) is var child and >= 0; i++)
            {
                node = child;
                if (vocabulary.Tokens[node] >= 0)
                {
                    choices.Add((vocabulary.Tokens[node], i + 1));
                }
            }

            var (id, length) = longest > 10 ? choices[^1] : choices[random.Next(choices.Count)];
            ids.Add(id);
            bytes = bytes[length..];
        }

        return ids;
    }
}
