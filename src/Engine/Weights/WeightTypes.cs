namespace RwkvSk.Engine.Weights;

/// <summary>Sizes and safetensors names of the element types.</summary>
internal static class WeightTypes
{
    /// <summary>Bytes of one element.</summary>
    public static int ItemSize(this WeightType type) => type switch
    {
        WeightType.Float64 or WeightType.Int64 => 8,
        WeightType.Float32 or WeightType.Int32 => 4,
        WeightType.Float16 or WeightType.BFloat16 or WeightType.Int16 => 2,
        WeightType.Int8 or WeightType.UInt8 or WeightType.Bool => 1,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "not an element type"),
    };

    /// <summary>Whether the elements are floating-point numbers.</summary>
    public static bool IsFloat(this WeightType type) =>
        type is WeightType.Float32 or WeightType.Float64 or WeightType.Float16 or WeightType.BFloat16;

    /// <summary>The name a safetensors header uses.</summary>
    public static string SafetensorsName(this WeightType type) => type switch
    {
        WeightType.Float64 => "F64",
        WeightType.Float32 => "F32",
        WeightType.Float16 => "F16",
        WeightType.BFloat16 => "BF16",
        WeightType.Int64 => "I64",
        WeightType.Int32 => "I32",
        WeightType.Int16 => "I16",
        WeightType.Int8 => "I8",
        WeightType.UInt8 => "U8",
        WeightType.Bool => "BOOL",
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "not an element type"),
    };

    /// <summary>Reads a safetensors type name; null when this engine has no such type.</summary>
    public static WeightType? FromSafetensors(string name) => name switch
    {
        "F64" => WeightType.Float64,
        "F32" => WeightType.Float32,
        "F16" => WeightType.Float16,
        "BF16" => WeightType.BFloat16,
        "I64" => WeightType.Int64,
        "I32" => WeightType.Int32,
        "I16" => WeightType.Int16,
        "I8" => WeightType.Int8,
        "U8" => WeightType.UInt8,
        "BOOL" => WeightType.Bool,
        _ => null,
    };

    /// <summary>A shape for messages: <c>[2048,2560]</c>.</summary>
    public static string Describe(IEnumerable<long> shape) => $"[{string.Join(',', shape)}]";
}
