namespace RwkvSk.Trainer.Data;

/// <summary>What an argument holds, and so how people say it and where it may come from.</summary>
internal enum ValueKind
{
    /// <summary>From the words or from the picture: "red", "the color of the circle".</summary>
    Colour,

    /// <summary>"star", "the shape of the red one".</summary>
    Shape,

    /// <summary>"top left", "where the red circle is".</summary>
    Place,

    /// <summary>"large", "the size of the star".</summary>
    Size,

    /// <summary>A small whole number, or "the number of stars".</summary>
    Count,

    /// <summary>A whole number.</summary>
    Integer,

    /// <summary>A whole number or one with decimals.</summary>
    Number,

    /// <summary>"on" and "off" for true and false.</summary>
    Switch,

    /// <summary>One known or invented word.</summary>
    Word,

    /// <summary>Several words, often quoted.</summary>
    Phrase,

    Person,
    City,
    Day,

    /// <summary>"15:30".</summary>
    Time,

    /// <summary>Letters and digits: "A17", "kx-204".</summary>
    Code,

    /// <summary>One of the pattern's choices.</summary>
    Choice,

    /// <summary>A list of words.</summary>
    Items,

    /// <summary>A list of whole numbers.</summary>
    Integers,

    /// <summary>"red circle": an object of the picture in words.</summary>
    ObjectText,
}
