using System.ComponentModel;
using Microsoft.SemanticKernel;

namespace RwkvSk.Samples.Quickstart;

/// <summary>A plugin: what the model can do besides talking.</summary>
internal sealed class Lamp
{
    /// <summary>The color it was turned to; null as long as nobody did.</summary>
    public string? Color { get; private set; }

    [KernelFunction("set_color"), Description("Turns the lamp to a color.")]
    public string SetColor(string color)
    {
        Color = color;
        return $"The lamp is {color} now.";
    }
}
