namespace RwkvSk.Trainer.Training;

/// <summary>What the auxiliary vision loss asks of each cell of the 3 x 3 grid: shape, colour and size, 0 meaning an empty cell.</summary>
internal static class CellLabels
{
    /// <summary>Classes per question: 6 shapes, 6 colours, 2 sizes, each with "nothing".</summary>
    public static readonly int[] Classes = [7, 7, 3];

    /// <summary>Logits per cell.</summary>
    public static int Width => Classes.Sum();
}
