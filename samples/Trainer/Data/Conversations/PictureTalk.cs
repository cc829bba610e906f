namespace RwkvSk.Trainer.Data;

/// <summary>Conversations without tools: about one picture, about two, about none.</summary>
internal sealed class PictureTalk(Split split, Func<Random, Picture> paint)
{
    private readonly SceneQuestions _questions = new(split);

    /// <summary>One picture and 6 to 10 questions about it, a little small talk between them.</summary>
    public Conversation Questions(Random random)
    {
        var turns = Opening(random);
        var picture = paint(random);
        if (random.Chance(0.08))
        {
            Exchange(turns, SmallTalk.Next(random, split));
        }

        AskAbout(turns, picture, random.Next(6, 11), random);
        return new("questions", turns);
    }

    /// <summary>One picture, described, and a few questions about it.</summary>
    public Conversation Description(Random random)
    {
        var turns = Opening(random);
        var picture = paint(random);
        var described = _questions.Ask(QuestionKind.Describe, picture.Scene, random)!;
        turns.Add(ConversationTurn.User(described.Question, picture));
        turns.Add(ConversationTurn.Assistant(described.Answer));
        AskMore(turns, picture, random.Next(3, 7), random);
        return new("description", turns);
    }

    /// <summary>A few questions about one picture, then about another: the question is about what was shown last.</summary>
    public Conversation SecondPicture(Random random)
    {
        var turns = Opening(random);
        AskAbout(turns, paint(random), random.Next(2, 5), random);
        AskAbout(turns, paint(random), random.Next(3, 6), random);
        return new("second picture", turns);
    }

    /// <summary>Nothing to see: greetings, questions without an answer, questions about a picture that is not there.</summary>
    public Conversation TextOnly(Random random)
    {
        var turns = Opening(random);
        var count = random.Next(4, 9);
        for (var i = 0; i < count; i++)
        {
            Exchange(turns, random.NextDouble() switch
            {
                < 0.45 => SmallTalk.Next(random, split),
                < 0.9 => SmallTalk.Unknown(random, split),
                _ => (_questions.Next(SceneGenerator.Next(random), random).Question, SmallTalk.NoPicture),
            });
        }

        return new("text only", turns);
    }

    private void AskAbout(List<ConversationTurn> turns, Picture picture, int count, Random random)
    {
        var first = _questions.Next(picture.Scene, random);
        turns.Add(ConversationTurn.User(first.Question, picture));
        turns.Add(ConversationTurn.Assistant(first.Answer));
        AskMore(turns, picture, count - 1, random);
    }

    private void AskMore(List<ConversationTurn> turns, Picture picture, int count, Random random)
    {
        for (var i = 0; i < count; i++)
        {
            var chance = random.NextDouble();
            if (chance < 0.03)
            {
                Exchange(turns, SmallTalk.Next(random, split));
            }
            else if (chance < 0.07)
            {
                Exchange(turns, SmallTalk.Unknown(random, split));
            }
            else
            {
                var question = _questions.Next(picture.Scene, random);
                Exchange(turns, (question.Question, question.Answer));
            }
        }
    }

    private static void Exchange(List<ConversationTurn> turns, (string Question, string Answer) exchange)
    {
        turns.Add(ConversationTurn.User(exchange.Question));
        turns.Add(ConversationTurn.Assistant(exchange.Answer));
    }

    private static List<ConversationTurn> Opening(Random random) =>
        random.Chance(0.2) ? [ConversationTurn.System(random.Pick(SystemTexts.Plain))] : [];
}
