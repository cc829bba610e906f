namespace RwkvSk.Trainer.Data;

/// <summary>Sentences around an imperative such as "turn on the lamp".</summary>
internal static class RequestWordings
{
    public static readonly SplitTable<string> Frames = new SplitTable<string>(
        "{request}.", "{request}.", "{request}!", "Please {request}.", "Kindly {request}.",
        "Can you {request}?", "Could you {request}?", "Would you {request}?", "{request}, please.", "Would you please {request}?",
        "I want you to {request}.", "Can you please {request}?", "{request} please.", "Now {request}.", "Be so kind and {request}.",
        "I'd like you to {request}.", "Could you please {request}?", "Hey, {request}.", "Will you {request}?", "You should {request}.",
        "Go and {request}.", "OK, {request}.", "{request} now.", "I need you to {request}.", "Let us {request}.",
        "Go ahead and {request}.", "Make sure to {request}.", "You must {request}.", "It is time to {request}.", "I ask you to {request}.",
        "Try to {request}.", "Do not forget to {request}.", "Remember to {request}.", "You have to {request}.", "Would it be possible to {request}?",
        "{request} for me.", "{request} right away.", "Next, {request}.", "Then {request}.", "Do me a favor and {request}.",
        "Are you able to {request}?", "Is it possible to {request}?", "You can {request}.", "Why not {request}?", "May I ask you to {request}?",
        "We want to {request}.", "We need to {request}.", "I have to {request}.", "Help me {request}.", "We have to {request} at once.",
        "Be good and {request}.", "Be quick and {request}.", "Your job: {request}.", "The task is to {request}.", "My wish is that you {request}.",
        "Do this: {request}.", "Just {request}.", "Quickly {request}.", "Again, {request}.", "Simply {request}, will you?",
        "It would be nice if you {request}.", "I would be glad if you {request}.", "You may {request}.", "You could {request}.", "You ought to {request}.",
        "Someone has to {request}.", "Time to {request}.", "So {request}.", "And {request}.", "But first {request}.",
        "{request}, can you?", "{request}, would you?", "{request}, OK?", "{request} if you can.", "{request} as soon as you can.",
        "I want to {request}.", "I would like to {request}.", "I wish to {request}.", "Start to {request}.", "Let me {request}.").TrainedWith(
        "Please go and {request}.", "Please make sure to {request}.", "Please try to {request}.", "Please help us {request}.", "I expect you to {request}.",
        "I would love you to {request}.", "I am going to need you to {request}.", "I trust you to {request}.", "I told you to {request}.", "I hope you can {request}.",
        "I think you can {request}.", "I was hoping you could {request}.", "I am waiting for you to {request}.", "I must {request}.", "I need to {request}.",
        "I am trying to {request}.", "I plan to {request}.", "I have decided to {request}.", "I forgot to {request}.", "I cannot {request} myself.",
        "It is your turn to {request}.", "It is important to {request}.", "It would help to {request}.", "It would help if you {request}.", "It is best to {request}.",
        "Maybe {request}.", "Perhaps you can {request}.", "How about you {request}?", "What if you {request}?", "Why don't you {request}?",
        "Won't you {request}?", "Could somebody {request}?", "Can somebody {request}?", "Can we {request}?", "Could we {request}?",
        "Shall we {request}?", "Your task is to {request}.", "Your next job is to {request}.", "The next step is to {request}.", "The plan is to {request}.",
        "The idea is to {request}.", "All you need to do is {request}.", "All I want is to {request}.", "What I need: {request}.", "What you do now: {request}.",
        "An order: {request}.", "One request: {request}.", "A small task: {request}.", "Something to do: {request}.", "To do: {request}.",
        "Action: {request}.", "Command: {request}.", "Robot, {request}.", "Gosling, {request}.", "My friend, {request}.",
        "Dear Gosling, {request}.", "Good morning, {request}.", "Hello, {request}.", "Excuse me, {request}.", "Sorry, but {request}.",
        "Great, {request}.", "Thanks, now {request}.", "Yes, {request}.", "Right, {request}.", "After that, {request}.",
        "First of all, {request}.", "Finally, {request}.", "Once more, {request}.", "Always {request}.", "Never mind that, {request}.",
        "Forget that and {request}.", "Wait, {request}.", "Hurry and {request}.", "Come on, {request}.", "Be nice and {request}.",
        "Be careful and {request}.", "Take care to {request}.", "See that you {request}.", "See to it that you {request}.", "Get ready to {request}.",
        "Prepare to {request}.", "Begin to {request}.", "Feel free to {request}.", "Don't wait, {request}.", "If you can, {request}.",
        "If possible, {request}.", "When you can, {request}.", "As we said, {request}.", "As before, {request}.", "For me, {request}.",
        "{request}, thanks.", "{request}, thank you.", "{request}, if possible.", "{request}, Gosling.", "{request}, my friend.",
        "{request}, as always.", "{request}, quickly.", "{request} again.", "{request} for us.", "{request} this time.",
        "{request} before you go.", "{request} when you can.", "{request} while I wait.", "{request} and tell me when it is done.", "{request} and that is all.",
        "{request}, could you?", "{request}, right?", "{request}, and be quick.", "Can I have you {request}?", "Can you quickly {request}?",
        "Could you now {request}?", "Could you just {request}?", "Would you mind to {request}?", "Would you like to {request}?", "Will you please {request}?",
        "Will you now {request}?", "Do you want to {request}?", "Do you think you could {request}?", "Is it OK to {request}?", "Is there a way to {request}?",
        "Have you got time to {request}?", "We would like you to {request}.", "We want you to {request}.", "We are about to {request}.", "We must {request}.",
        "My mother wants you to {request}.", "They told me to {request}.", "Somebody must {request}.", "You will {request}.", "You are to {request}.",
        "You had better {request}.", "You know how to {request}.", "You forgot to {request}.", "Now it is your job to {request}.", "There is one thing to do: {request}.");

    /// <summary>The half of a pattern's templates that a side may use; short lists are shared whole, the frames around them are not.</summary>
    public static IReadOnlyList<string> Of(string[] templates, Split split) =>
        templates.Length >= 5 ? new SplitTable<string>(templates)[split] : templates;

    /// <summary>Capital or not, full stop or not. The words stay as they are: a call may have to spell them.</summary>
    public static string Casual(string text, Random random)
    {
        text = random.Chance(0.12) ? text : char.ToUpperInvariant(text[0]) + text[1..];
        return random.Chance(0.15) ? text.TrimEnd('.', '?', '!') : text;
    }
}
