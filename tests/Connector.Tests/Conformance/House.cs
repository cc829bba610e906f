using System.ComponentModel;
using System.Text.Json.Serialization;
using Microsoft.SemanticKernel;

namespace RwkvSk.Connector.Tests.Conformance;

[JsonConverter(typeof(JsonStringEnumConverter<LampColor>))]
public enum LampColor
{
    Red,
    Green,
}

public sealed record Place(string City, string? Street = null);

/// <summary>A plugin to be called: it writes down what it was told.</summary>
public sealed class House
{
    public List<string> Log { get; } = [];

    [KernelFunction("set_color"), Description("Turns the lamp to a color.")]
    public string SetColor([Description("The color.")] string color, int level = 5)
    {
        Log.Add($"{color} {level}");
        return $"The lamp is {color}.";
    }

    [KernelFunction("now"), Description("Tells the time.")]
    public string Now()
    {
        Log.Add("now");
        return "12:00";
    }

    [KernelFunction("mix")]
    public object Mix(LampColor color, int[] levels, Place place, double? factor = null)
    {
        Log.Add($"{color} {string.Join('+', levels)} {place.City}/{place.Street} {factor}");
        return new { Color = color.ToString(), Sum = levels.Sum() };
    }

    [KernelFunction("break")]
    public static string Break() => throw new InvalidOperationException("The lamp is broken.");

    [KernelFunction("look")]
    public static ImageContent Look() => new(Bench.Png, "image/png");

    /// <summary>A kernel with this house as the plugin "lamp".</summary>
    internal static (Kernel Kernel, House House) In(Bench bench, Action<IKernelBuilder>? configure = null)
    {
        var house = new House();
        return (bench.Kernel(builder =>
        {
            builder.Plugins.AddFromObject(house, "lamp");
            configure?.Invoke(builder);
        }), house);
    }

    /// <summary>An answer that calls functions.</summary>
    internal static string Calls(params (string Name, string Arguments)[] calls) =>
        " " + string.Join('\n', calls.Select(static call => $"```json\n{{\"name\":\"{call.Name}\",\"arguments\":{call.Arguments}}}\n```"));
}
