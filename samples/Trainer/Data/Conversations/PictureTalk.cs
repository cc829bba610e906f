namespace RwkvSk.Trainer.Data;

/// <summary>Conversations without tools: about one picture, about two, about none.</summary>
internal sealed class PictureTalk(Split split, Func<Random, Picture> paint)
{
    private readonly SceneQuestions _questions = new(split);

    /// <summary>
    /// One to three pictures and a few questions about each, a little small talk between them. What has been said of a picture answers most later
    /// questions about it, so a new picture teaches more than another question; a description says it all and comes last.
    /// </summary>
    public Conversation Questions(Random random)
    {
        var turns = Opening(random);
        if (random.Chance(0.08))
        {
            Exchange(turns, SmallTalk.Next(random, split));
        }

        var pictures = random.Weighted([(0.25, 1), (0.4, 2), (0.35, 3)]);
        for (var i = 0; i < pictures; i++)
        {
            AskAbout(turns, paint(random), pictures == 1 ? random.Next(5, 9) : random.Next(2, 5), random);
        }

        return new("questions", turns);
    }

    /// <summary>Two or three pictures, each described, some of them after a question.</summary>
    public Conversation Description(Random random)
    {
        var turns = Opening(random);
        var pictures = random.Next(2, 4);
        for (var i = 0; i < pictures; i++)
        {
            var picture = paint(random);
            if (random.Chance(0.4))
            {
                AskAbout(turns, picture, 1, random);
                Ask(turns, _questions.Ask(QuestionKind.Describe, picture.Scene, random)!);
            }
            else
            {
                Ask(turns, _questions.Ask(QuestionKind.Describe, picture.Scene, random)!, picture);
            }
        }

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
        var asked = new List<QuestionAndAnswer>();
        while (asked.Count < count)
        {
            var question = _questions.Next(picture.Scene, random);
            if (asked.All(a => a.Question != question.Question) && (question.Kind != QuestionKind.Describe || asked.Count == count - 1))
            {
                asked.Add(question);
            }
        }

        Ask(turns, asked[0], picture);
        foreach (var question in asked.Skip(1))
        {
            var chance = random.NextDouble();
            if (chance < 0.06)
            {
                Exchange(turns, chance < 0.025 ? SmallTalk.Next(random, split) : SmallTalk.Unknown(random, split));
            }

            Ask(turns, question);
        }
    }

    private static void Ask(List<ConversationTurn> turns, QuestionAndAnswer asked, params IReadOnlyList<Picture> pictures)
    {
        turns.Add(ConversationTurn.User(asked.Question, pictures));
        turns.Add(ConversationTurn.Assistant(asked.Answer));
    }

    private static void Exchange(List<ConversationTurn> turns, (string Question, string Answer) exchange)
    {
        turns.Add(ConversationTurn.User(exchange.Question));
        turns.Add(ConversationTurn.Assistant(exchange.Answer));
    }

    private static List<ConversationTurn> Opening(Random random) =>
        random.Chance(0.2) ? [ConversationTurn.System(random.Pick(SystemTexts.Plain))] : [];
}
