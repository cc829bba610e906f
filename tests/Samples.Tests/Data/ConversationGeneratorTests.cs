using RwkvSk.Engine.Tokenization;
using RwkvSk.Trainer.Data;
using Xunit;

namespace RwkvSk.Samples.Tests.Data;

public class ConversationGeneratorTests(ITestOutputHelper output)
{
    [Fact]
    public void Equal_seeds_give_equal_rows()
    {
        var first = Samples.Conversations(7, 60);
        var second = Samples.Conversations(7, 60);
        Assert.Equal(first.Select(Transcript), second.Select(Transcript));
        Assert.Equal(
            first.SelectMany(c => c.Pictures).Select(p => Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(p.Image.Rgb.Span))),
            second.SelectMany(c => c.Pictures).Select(p => Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(p.Image.Rgb.Span))));
    }

    [Fact]
    public void Other_seeds_give_other_rows() =>
        Assert.NotEqual(Samples.Conversations(7, 5).Select(Transcript), Samples.Conversations(8, 5).Select(Transcript));

    [Fact]
    public void No_turn_can_be_mistaken_for_two() =>
        Assert.All(Samples.Conversations(11, 1500).SelectMany(c => c.Turns), t => Assert.False(t.Text.Contains("\n\n", StringComparison.Ordinal) || t.Text.Length == 0 || t.Text != t.Text.Trim(), t.Text));

    [Fact]
    public void Rows_to_look_at()
    {
        var encoder = new ConversationEncoder(Samples.Tokenizer);
        var rows = Samples.Conversations(3, 600);
        foreach (var row in rows.Take(30))
        {
            output.WriteLine($"=== {row.Kind}, {encoder.Encode(row).Tokens.Length} tokens\n{Transcript(row)}");
        }

        var start = Environment.CpuUsage.TotalTime;
        var more = Samples.Conversations(4, 1000);
        var seconds = (Environment.CpuUsage.TotalTime - start).TotalSeconds;
        var texts = rows.Where(r => r.Kind == "tools").Select(r => r.Turns[0].Text).ToList();
        output.WriteLine($"tools blocks: {texts.Average(t => t.Length):f0} characters, {texts.Average(t => Samples.Tokenizer.Encode(t).Count):f0} tokens");
        foreach (var text in texts.Take(3))
        {
            output.WriteLine(string.Join('|', Samples.Tokenizer.Encode(text).Select(id => Samples.Tokenizer.Decode([id]))));
        }

        output.WriteLine($"generate {1000 / seconds:f0} rows with {more.Sum(c => c.Pictures.Count()) / seconds:f0} pictures per second of processor time");
        foreach (var kind in rows.GroupBy(r => r.Kind))
        {
            var examples = kind.Select(encoder.Encode).ToList();
            output.WriteLine($"{kind.Key}: {kind.Count()} rows, {examples.Average(e => e.Tokens.Length):f1} tokens, {examples.Average(e => e.IsTarget.Count(t => t)):f1} targets, {examples.Average(e => e.Tokens.Length == 256 ? 1 : 0):p0} full");
        }

    }

    [Fact]
    public void Hardly_a_row_is_too_long_to_hold_an_answer()
    {
        var encoder = new ConversationEncoder(Samples.Tokenizer);
        Assert.InRange(Samples.Conversations(13, 1000).Count(r => encoder.Encode(r).Tokens.Length == 0), 0, 5);
    }

    private static string Transcript(Conversation conversation) =>
        string.Concat(conversation.Turns.SelectMany(ConversationEncoder.Segments).Select(s => s ?? "<IMG>"));
}
