using RwkvSk.Engine.Tokenization;
using RwkvSk.Trainer.Data;
using Xunit;

namespace RwkvSk.Samples.Tests.Data;

public class ConversationEncoderTests
{
    private static readonly ConversationEncoder Encoder = new(Samples.Tokenizer);

    [Fact]
    public void Exactly_the_assistants_words_and_closings_are_targets()
    {
        var tokenizer = Samples.Tokenizer;
        var answers = 0;
        foreach (var row in Samples.Conversations(31, 300))
        {
            var example = Encoder.Encode(row);
            Assert.Equal(example.Tokens.Length, example.IsTarget.Length);
            var spans = new List<string>();
            for (var i = 0; i < example.Tokens.Length; i++)
            {
                if (example.IsTarget[i])
                {
                    var end = i;
                    while (end < example.Tokens.Length && example.IsTarget[end])
                    {
                        end++;
                    }

                    spans.Add(tokenizer.Decode(example.Tokens[i..end]));
                    i = end;
                }
            }

            answers += spans.Count;
            Assert.Equal(row.Turns.Where(t => t.Role == Role.Assistant).Take(spans.Count).Select(t => $" {t.Text}\n\n"), spans);
        }

        Assert.True(answers > 900, $"only {answers} answers");
    }

    [Fact]
    public void A_picture_takes_nine_positions_between_its_segments()
    {
        var rows = Samples.Conversations(32, 300);
        foreach (var row in rows)
        {
            var example = Encoder.Encode(row);
            Assert.Equal(example.Pictures.Count * 9, example.Tokens.Count(t => t == ConversationEncoder.ImagePosition));
            Assert.Equal(row.Pictures.Take(example.Pictures.Count), example.Pictures);
        }

        Assert.Equal(["User: ", null, "\nWhat?\n\n"], ConversationEncoder.Segments(ConversationTurn.User("What?", rows.SelectMany(r => r.Pictures).First())));
        Assert.Equal(["Assistant:", " This.\n\n"], ConversationEncoder.Segments(ConversationTurn.Assistant("This.")));
        Assert.Equal(["System: Be.\n\n"], ConversationEncoder.Segments(ConversationTurn.System("Be.")));
    }

    [Fact]
    public void A_row_ends_on_a_whole_answer_and_never_exceeds_its_length()
    {
        foreach (var example in Samples.Conversations(33, 400).Select(Encoder.Encode))
        {
            Assert.InRange(example.Tokens.Length, 0, 256);
            Assert.True(example.Tokens.Length == 0 || example.IsTarget[^1]);
        }
    }
}
