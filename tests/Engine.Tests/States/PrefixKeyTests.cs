using RwkvSk.Engine.Prompts;
using RwkvSk.Engine.Scheduling;
using RwkvSk.Engine.States;
using RwkvSk.TestKit;
using Xunit;
using static RwkvSk.Engine.Tests.Scheduling.Streams;

namespace RwkvSk.Engine.Tests.States;

public sealed class PrefixKeyTests
{
    private static readonly byte[] Png = [1, 2, 3];

    [Fact]
    public void Equal_prefixes_have_equal_keys_and_different_ones_part_where_they_differ()
    {
        var a = Encode(new Prompt(new Turn("system"), new Turn("hello"), new Turn("tail")));
        var b = Encode(new Prompt(new Turn("system"), new Turn("hullo"), new Turn("tail")));

        Assert.Equal(a.Steps[0].Boundary.Key, b.Steps[0].Boundary.Key);
        Assert.NotEqual(a.Steps[1].Boundary.Key, b.Steps[1].Boundary.Key);
        Assert.NotEqual(a.Steps[2].Boundary.Key, b.Steps[2].Boundary.Key);
    }

    [Fact]
    public void The_cut_between_segments_is_part_of_the_key()
    {
        var whole = Encode(new Prompt(new Turn("ab"), new Turn("x")));
        var split = Encode(new Prompt(new Turn(new TextSegment("a"), new TextSegment("b")), new Turn("x")));

        Assert.Equal(whole.Steps[0].Boundary.Position, split.Steps[1].Boundary.Position);
        Assert.NotEqual(whole.Steps[0].Boundary.Key, split.Steps[1].Boundary.Key);   // other steps, so other rounding
    }

    [Fact]
    public void An_empty_segment_or_turn_changes_nothing()
    {
        var plain = Encode(new Prompt(new Turn("a"), new Turn("b")));
        var padded = Encode(new Prompt(new Turn(new TextSegment(""), new TextSegment("a")), new Turn(""), new Turn("b")));

        Assert.Equal(plain.Steps.Select(static s => (s.Boundary, s.IsKept)), padded.Steps.Select(static s => (s.Boundary, s.IsKept)));
    }

    [Fact]
    public void One_changed_byte_of_a_picture_is_another_picture()
    {
        var a = Encode(new Prompt(new Turn(new ImageSegment(Png)), new Turn("?")));
        var same = Encode(new Prompt(new Turn(new ImageSegment(Png.ToArray())), new Turn("?")));
        var other = Encode(new Prompt(new Turn(new ImageSegment(new byte[] { 1, 2, 4 })), new Turn("?")));

        Assert.Equal(a.Steps[0].Boundary.Key, same.Steps[0].Boundary.Key);
        Assert.NotEqual(a.Steps[0].Boundary.Key, other.Steps[0].Boundary.Key);
    }

    [Fact]
    public void Model_vocabulary_chunk_length_and_scope_each_root_their_own_keys()
    {
        using var fake = new FakeModelRunner();
        using var scripted = new ScriptedModelRunner(positionsPerImage: fake.PositionsPerImage);
        var prompt = Turns("a", "b");
        PrefixKey[] keys =
        [
            new PromptEncoder(fake, ByteTokenizer.Instance, "fake", 256).Encode(prompt).Steps[0].Boundary.Key,
            new PromptEncoder(fake, ByteTokenizer.Instance, "fake", 128).Encode(prompt).Steps[0].Boundary.Key,
            new PromptEncoder(scripted, ByteTokenizer.Instance, "fake", 256).Encode(prompt).Steps[0].Boundary.Key,
            new PromptEncoder(fake, ByteTokenizer.Instance, "fake", 256).Encode(prompt, scope: "tenant").Steps[0].Boundary.Key,
            new PromptEncoder(fake, ByteTokenizer.Instance, "fake", 256).Encode(prompt, scope: "other tenant").Steps[0].Boundary.Key,
        ];

        Assert.Equal(keys.Length, keys.Distinct().Count());
    }

    [Fact]
    public void Steps_end_where_segments_and_pictures_do_and_at_multiples_of_the_chunk_length()
    {
        var prompt = Encode(
            new Prompt(new Turn(new TextSegment("123456789"), new ImageSegment(Png), new TextSegment("12345")), new Turn("12")), chunkLength: 4);

        Assert.Equal([4, 8, 9, 14, 18, 19, 21], prompt.Steps.Select(static s => s.Boundary.Position));
        Assert.Equal([14, 19, 21], prompt.Steps.Where(static s => s.IsKept).Select(static s => s.Boundary.Position));
        Assert.Equal([0, 0, 0, 0, 0, 0, 1], prompt.Steps.Select(static s => s.Turn));
    }

    [Fact]
    public void A_prompt_without_a_position_is_refused()
    {
        var error = Assert.Throws<ArgumentException>(() => Encode(new Prompt(new Turn(""), new Turn(""))));
        Assert.Contains("2 turns", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_picture_for_a_model_without_eyes_is_refused()
    {
        using var runner = new FakeModelRunner(positionsPerImage: 0);
        var encoder = new PromptEncoder(runner, ByteTokenizer.Instance, "blind", 256);

        var error = Assert.Throws<NotSupportedException>(() => encoder.Encode(new Prompt(new Turn("a"), new Turn(new ImageSegment(Png)))));
        Assert.Contains("'blind' reads text only, but turn 2 of 2 holds a picture", error.Message, StringComparison.Ordinal);
    }

    private static EncodedPrompt Encode(Prompt prompt, int chunkLength = 256)
    {
        using var runner = new FakeModelRunner();
        return new PromptEncoder(runner, ByteTokenizer.Instance, "fake", chunkLength).Encode(prompt);
    }
}
