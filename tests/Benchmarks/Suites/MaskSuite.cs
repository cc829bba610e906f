using System.CommandLine;
using System.Text;
using RwkvSk.Benchmarks.Harness;
using RwkvSk.Engine.Constraints;
using RwkvSk.Engine.Constraints.Masks;
using RwkvSk.Engine.Tokenization;
using RwkvSk.TestKit;

namespace RwkvSk.Benchmarks.Suites;

/// <summary>What a constraint costs per token, beside what an unconstrained token costs anyway.</summary>
internal static class MaskSuite
{
    private const string Schema = """
        {"type":"object","properties":{"name":{"type":"string"},"age":{"type":"integer","minimum":0,"maximum":150},"tags":{"type":"array","items":{"type":"string","maxLength":12},"maxItems":5}},
         "required":["name","age","tags"]}
        """;

    private const string Answer = """{"name":"Ada Lovelace","age":36,"tags":["engine","numbers","notes"]}""";

    public static Suite Create()
    {
        var vocabulary = new Option<string?>("--vocabulary") { Description = "A vocabulary file; a small one of the project's own without it." };
        var schemas = new Option<int>("--schemas") { Description = "Schemas of the generated corpus; 0 leaves it out.", DefaultValueFactory = static _ => 300 };
        return new Suite(
            new Command("masks", "Token masks of constrained answers.") { vocabulary, schemas },
            (parse, settings, report) => Run(parse.GetValue(vocabulary), parse.GetValue(schemas), settings, report));
    }

    private static void Run(string? path, int schemas, Settings settings, Report report)
    {
        ITokenizer tokenizer = path is null ? SmallVocabulary.Tokenizer : TokenizerFile.Load(path);
        var trie = new VocabularyTrie(tokenizer);
        if (schemas > 0)
        {
            report.Add($"{schemas} generated schemas over {trie.VocabularySize} tokens, processor time", new MaskCorpus(tokenizer).Run(schemas));
        }

        var ids = new List<int>();
        tokenizer.Encode(Encoding.UTF8.GetBytes(Answer), ids);
        var logits = new float[trie.VocabularySize];
        var (schema, any) = (Constraint.FromJsonSchema(Schema), Constraint.AnyJson);
        report.Add($"constraints over {trie.VocabularySize} tokens", Contest.Run(
            settings.Rounds,
            new Case("unmasked answer: the largest logit", () => Plain(ids.Count, logits)) { Items = ids.Count },
            new Case("answer by schema, constraint known", () => Walk(schema.Start(trie), ids, logits)) { Items = ids.Count },
            new Case("answer in any JSON, constraint known", () => Walk(any.Start(trie), ids, logits)) { Items = ids.Count },
            new Case("schema compiled and bound anew", () => Walk(Constraint.FromJsonSchema(Schema).Start(trie), ids, logits)) { Items = ids.Count }));
    }

    private static void Plain(int count, float[] logits)
    {
        for (var i = 0; i < count; i++)
        {
            _ = System.Numerics.Tensors.TensorPrimitives.IndexOfMax<float>(logits);
        }
    }

    private static void Walk(ConstraintCursor cursor, List<int> ids, float[] logits)
    {
        foreach (var id in ids)
        {
            cursor.Mask(logits);
            cursor.Accept(id);
        }
    }
}
