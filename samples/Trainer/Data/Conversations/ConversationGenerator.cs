namespace RwkvSk.Trainer.Data;

/// <summary>Draws whole conversations in the proportions of the training mix.</summary>
internal sealed class ConversationGenerator : IDisposable
{
    private readonly SceneRenderer _renderer = new();
    private readonly PictureTalk _pictureTalk;
    private readonly IReadOnlyList<(double Weight, Func<Random, Conversation> Draw)> _mix;

    public ConversationGenerator()
    {
        _pictureTalk = new(Split.Training, Paint);
        _mix =
        [
            (0.62, _pictureTalk.Questions),
            (0.13, _pictureTalk.Description),
            (0.12, _pictureTalk.SecondPicture),
            (0.13, _pictureTalk.TextOnly),
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
