using RwkvSk.Trainer.Data;
using Xunit;

namespace RwkvSk.Samples.Tests.Data;

public class SceneWordsTests
{
    private static readonly Scene Three = new(96, 96, new(255, 255, 255),
    [
        new(0, Shape.Circle, Colour.Red, ObjectSize.Large), new(4, Shape.Square, Colour.Blue, ObjectSize.Small), new(8, Shape.Star, Colour.Green, ObjectSize.Small),
    ]);

    [Fact]
    public void A_description_goes_row_by_row() => Assert.Equal(
        "There is a large red circle at the top left, a small blue square in the center and a small green star at the bottom right.", SceneWords.Describe(Three));

    [Fact]
    public void Counts_know_none_one_and_many()
    {
        Assert.Equal("There are 3 objects.", SceneWords.Count(new(), 3));
        Assert.Equal("There is 1 red object.", SceneWords.Count(new(Colour: Colour.Red), 1));
        Assert.Equal("There are no circles.", SceneWords.Count(new(Shape: Shape.Circle), 0));
        Assert.Equal("There are 2 red crosses.", SceneWords.Count(new(Colour.Red, Shape.Cross), 2));
    }

    [Fact]
    public void Every_answer_is_true_of_its_scene()
    {
        var random = new Random(3);
        var questions = new SceneQuestions(Split.Training);
        for (var i = 0; i < 3000; i++)
        {
            var scene = SceneGenerator.Next(random);
            var asked = questions.Next(scene, random);
            Assert.True(asked.Kind switch
            {
                QuestionKind.Describe => asked.Answer == SceneWords.Describe(scene),
                QuestionKind.Colour => scene.Objects.Any(o => asked.Answer == $"It is {o.Colour.Name()}."),
                QuestionKind.Shape => scene.Objects.Any(o => asked.Answer == $"It is a {o.Shape.Name()}."),
                QuestionKind.Where => scene.Objects.Any(o => asked.Answer.Equals(SceneWords.AtPlace(o.Cell) + ".", StringComparison.OrdinalIgnoreCase)),
                QuestionKind.YesNo or QuestionKind.Check => asked.Answer is "Yes." or "No.",
                QuestionKind.Count => asked.Answer.StartsWith("There ", StringComparison.Ordinal),
                _ => asked.Answer.EndsWith('.'),
            }, asked.ToString());
        }
    }

    [Fact]
    public void The_examples_of_the_answers_come_out_as_written()
    {
        var random = new Random(4);
        var questions = new SceneQuestions(Split.Training);
        var answers = Enumerable.Range(0, 4000).Select(_ => questions.Next(Three, random).Answer).ToHashSet();
        Assert.Superset(
            new HashSet<string>
            { "There are 3 objects.", "There is 1 red object.", "There is 1 circle.", "There are no crosses.", "It is red.", "It is a circle.", "At the top left.", "In the center.", "Yes.", "No.", "A large red circle.", "Nothing.", "It is large." },
            answers);
    }
}
