namespace RwkvSk.Trainer.Data;

/// <summary>What an object can be.</summary>
internal enum Shape
{
    Circle,
    Square,
    Triangle,
    Star,
    Cross,
    Diamond,
}

/// <summary>What colour an object can have; each with some spread (see <see cref="Palette"/>).</summary>
internal enum Colour
{
    Red,
    Green,
    Blue,
    Yellow,
    Purple,
    Orange,
}

/// <summary>About a third of the cell, or about three quarters of it.</summary>
internal enum ObjectSize
{
    Small,
    Large,
}

/// <summary>An 8-bit colour.</summary>
internal readonly record struct Rgb(byte R, byte G, byte B);

/// <summary>One object, alone in its cell.</summary>
/// <param name="Cell">0..8, row by row from the top left.</param>
internal sealed record SceneObject(int Cell, Shape Shape, Colour Colour, ObjectSize Size);

/// <summary>What a picture shows. How exactly it is drawn is the renderer's own draw.</summary>
/// <param name="Width">Pixels per row.</param>
/// <param name="Height">Rows.</param>
/// <param name="Background">The plain colour behind everything.</param>
/// <param name="Objects">In reading order: ascending cells, no cell twice.</param>
internal sealed record Scene(int Width, int Height, Rgb Background, IReadOnlyList<SceneObject> Objects)
{
    public SceneObject? At(int cell) => Objects.FirstOrDefault(o => o.Cell == cell);

    public IReadOnlyList<SceneObject> Matching(ObjectFilter filter) => [.. Objects.Where(filter.Matches)];
}

/// <summary>Some of size, colour and shape; what is null matches everything.</summary>
internal sealed record ObjectFilter(Colour? Colour = null, Shape? Shape = null, ObjectSize? Size = null)
{
    public bool Matches(SceneObject o) => (Colour ?? o.Colour) == o.Colour && (Shape ?? o.Shape) == o.Shape && (Size ?? o.Size) == o.Size;
}
