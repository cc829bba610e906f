namespace RwkvSk.Trainer.Data;

/// <summary>A pattern's argument with the name and the type that one tool gives it.</summary>
internal sealed record BoundParameter(ParameterForm Form, string Name, string Type, IReadOnlyList<string> Choices)
{
    public ToolParameter Declared => new(Name, Type, Form.Mention is not null);

    /// <summary>Draws name, type and choices.</summary>
    public static BoundParameter Bind(ParameterForm form, NameStyle style, Random random)
    {
        var name = style.Parameter(random.Pick(form.Names));
        List<string> choices = form.Kind switch
        {
            ValueKind.Choice when random.Chance(0.85) => random.Shuffled(form.Choices).GetRange(0, Math.Min(form.Choices.Length, random.Next(2, 6))),
            ValueKind.Colour when random.Chance(0.2) => random.Shuffled(SceneWords.Colours.Select(c => c.Name())).GetRange(0, random.Next(3, 7)),
            ValueKind.Shape when random.Chance(0.2) => random.Shuffled(SceneWords.Shapes.Select(s => s.Name())).GetRange(0, random.Next(3, 7)),
            ValueKind.Size when random.Chance(0.4) => random.Chance(0.5) ? ["small", "large"] : ["large", "medium", "small"],
            ValueKind.Switch when random.Chance(0.35) => random.Chance(0.5) ? ["on", "off"] : ["off", "on"],
            _ => [],
        };
        var type = choices.Count > 0 ? string.Join(" | ", choices.Select(c => $"\"{c}\"")) : form.Kind switch
        {
            ValueKind.Count or ValueKind.Integer => random.Chance(0.6) ? "integer" : "number",
            ValueKind.Number => "number",
            ValueKind.Switch => "boolean",
            ValueKind.Items or ValueKind.Integers => "array",
            _ => "string",
        };
        return new(form, name, type, choices);
    }

    /// <summary>A value that the type allows, or null when none was found.</summary>
    public ArgumentValue? Draw(ValueSource values, Random random, Scene? scene)
    {
        for (var attempt = 0; attempt < 12; attempt++)
        {
            var value = values.Draw(Form, random, scene);
            if (Choices.Count == 0)
            {
                return value;
            }

            var json = Form.Kind == ValueKind.Switch ? ValueSource.Json(value.Spoken) : value.Json;
            if (Choices.Contains(json.Trim('"')))
            {
                return value with { Json = json };
            }
        }

        return null;
    }
}
