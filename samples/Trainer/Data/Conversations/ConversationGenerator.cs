namespace RwkvSk.Trainer.Data;

/// <summary>Draws whole conversations in the proportions of the training mix.</summary>
internal sealed class ConversationGenerator : IDisposable
{
    private readonly SceneRenderer _renderer = new();
    private readonly IReadOnlyList<(double Weight, Func<Random, Conversation> Draw)> _mix;

    public ConversationGenerator()
    {
        var pictures = new PictureTalk(Split.Training, Paint);
        var tools = new ToolTalk(Split.Training, Split.Training, Paint);
        _mix =
        [
            (0.30, pictures.Questions),
            (0.06, pictures.Description),
            (0.09, pictures.SecondPicture),
            (0.08, pictures.TextOnly),
            (0.36, tools.Tools),
            (0.08, tools.ObjectLog),
            (0.03, tools.Looks),
        ];
    }

    /// <summary>The next row of training data.</summary>
    public Conversation Next(Random random) => random.Weighted(_mix)(random);

    public void Dispose() => _renderer.Dispose();

    private Picture Paint(Random random)
    {
        var scene = SceneGenerator.Next(random);
        return new(scene, _renderer.Render(scene, random));
    }
}
