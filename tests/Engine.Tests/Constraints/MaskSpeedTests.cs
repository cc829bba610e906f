using System.Globalization;
using RwkvSk.Engine.Constraints;
using RwkvSk.Engine.Constraints.Masks;
using Xunit;

namespace RwkvSk.Engine.Tests.Constraints;

/// <summary>What a masked token costs over the whole World vocabulary; printed, not asserted, because machines differ.</summary>
public class MaskSpeedTests(ITestOutputHelper output)
{
    private const string Schema = """
        {"type":"object","properties":{
          "name":{"type":"string"},"title":{"type":"string","minLength":3,"maxLength":40},"code":{"type":"string","pattern":"^[A-Z]{2}-\\d{3,6}$"},
          "born":{"type":"string","format":"date"},"age":{"type":"integer","minimum":0,"maximum":150},"score":{"type":"number","minimum":-1,"maximum":1},
          "color":{"enum":["red","green","blue"]},"tags":{"type":"array","items":{"type":"string","maxLength":12},"maxItems":5},
          "child":{"anyOf":[{"$ref":"#"},{"type":"null"}]},"extra":{"type":"object"}},
         "required":["name","age","tags"]}
        """;

    [Fact]
    public void Masks_over_the_World_vocabulary()
    {
        Assert.SkipUnless(ListTokenizer.World is not null, "needs the World vocabulary: set RWKVSK_GOLDEN");
        var vocabulary = new VocabularyTrie(ListTokenizer.World!);
        var constraint = Constraint.AnyJson;
        Say("trie", () => _ = vocabulary.NodeCount);
        Say("compiled", () => constraint = Constraint.FromJsonSchema(Schema));
        Say("bound", () => constraint.Start(vocabulary));
        output.WriteLine($"{vocabulary.NodeCount} nodes; milliseconds of processor time");

        // Noise is dear to make: it is made once and read from another place for every token.
        var random = new Random(5);
        var logits = new float[65_536];
        var noise = new float[2 * logits.Length];
        for (var i = 0; i < noise.Length; i++)
        {
            noise[i] = random.NextSingle();
        }

        Run("warm-up of the JIT, other constraint", Constraint.AnyJson, answers: 4);
        Run("first answer", constraint, answers: 1);
        Run("next 12 answers", constraint, answers: 12);
        Run("12 more", constraint, answers: 12);
        Run("any JSON", Constraint.AnyJson, answers: 6);

        void Say(string what, Action step)
        {
            var begin = ThreadClock.Milliseconds;
            step();
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what}: {ThreadClock.Milliseconds - begin:F1} ms"));
        }

        void Run(string what, Constraint kept, int answers)
        {
            var times = new List<double>();
            for (var answer = 0; answer < answers; answer++)
            {
                var cursor = kept.Start(vocabulary);
                for (var i = 0; i < 300 && !cursor.MustEnd; i++)
                {
                    noise.AsSpan(random.Next(logits.Length), logits.Length).CopyTo(logits);
                    var begin = ThreadClock.Milliseconds;
                    cursor.Mask(logits);
                    var mask = ThreadClock.Milliseconds - begin;
                    var token = i > 150 && cursor.Allows(35) ? 35 : Array.IndexOf(logits, logits.Max());
                    begin = ThreadClock.Milliseconds;
                    cursor.Accept(token);
                    times.Add(mask + ThreadClock.Milliseconds - begin);
                }
            }

            times.Sort();
            Assert.NotEmpty(times);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{what}: {times.Count} tokens, median {times[times.Count / 2]:F4} ms, p99 {times[times.Count * 99 / 100]:F3} ms, most {times[^1]:F3} ms"));
        }
    }

    [Fact]
    public void A_cached_mask_allocates_nothing()
    {
        var vocabulary = new VocabularyTrie(ListTokenizer.Mixed);
        var cursor = Constraint.FromJsonSchema("""{"type":"string"}""").Start(vocabulary);
        var logits = new float[vocabulary.VocabularySize];
        cursor.Accept('"' + 1);
        Once();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            Once();
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Once()
        {
            cursor.Mask(logits);
            cursor.Accept('a' + 1);
        }
    }

    [Fact]
    public void Masked_logits_are_the_allowed_ones_alone()
    {
        var random = new Random(3);
        foreach (var size in new[] { 1, 63, 64, 65, 200, 1000 })
        {
            var mask = new TokenMask(size);
            var allowed = Enumerable.Range(0, size).Where(_ => random.Next(3) == 0).ToHashSet();
            foreach (var id in allowed)
            {
                mask.Add(id);
            }

            var logits = Enumerable.Range(0, size + 9).Select(static i => (float)i).ToArray();
            mask.Apply(logits);
            Assert.Equal(allowed.Count, mask.Count);
            Assert.Equal(Enumerable.Range(0, size + 9).Select(i => allowed.Contains(i) ? i : float.NegativeInfinity), logits);
        }
    }
}
