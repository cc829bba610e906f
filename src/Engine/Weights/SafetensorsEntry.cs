using System.Text.Json;

namespace RwkvSk.Engine.Weights;

/// <summary>One line of a safetensors header.</summary>
/// <param name="Info">The tensor.</param>
/// <param name="Begin">First byte, counted from the start of the data.</param>
/// <param name="End">The byte after the last.</param>
internal readonly record struct SafetensorsEntry(WeightInfo Info, long Begin, long End)
{
    /// <summary>Reads one entry; the reader stands on its opening brace.</summary>
    public static SafetensorsEntry Read(string path, string name, ref Utf8JsonReader reader)
    {
        string? dtype = null;
        List<long>? shape = null;
        List<long>? offsets = null;
        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            var key = reader.GetString();
            reader.Read();
            switch (key)
            {
                case "dtype" when dtype is null:
                    dtype = reader.GetString();
                    break;
                case "shape" when shape is null:
                    shape = ReadNumbers(ref reader, WeightLimits.Rank);
                    break;
                case "data_offsets" when offsets is null:
                    offsets = ReadNumbers(ref reader, 2);
                    break;
                default:
                    throw new ModelFormatException($"'{path}': '{name}': expected dtype, shape and data_offsets once each, found '{key}'.");
            }
        }

        if (dtype is null || shape is null || offsets is not [var begin, var end])
        {
            throw new ModelFormatException($"'{path}': '{name}': expected dtype, shape and two data_offsets.");
        }

        var type = WeightTypes.FromSafetensors(dtype)
            ?? throw new ModelFormatException($"'{path}': '{name}' has the element type '{dtype}', which is not supported.");
        var bytes = WeightLimits.Bytes(type, shape)
            ?? throw new ModelFormatException($"'{path}': '{name}' has the shape {WeightTypes.Describe(shape)}; expected sizes of 0 or more and at most {WeightLimits.TensorBytes} bytes in all.");
        if (begin < 0 || end < begin || end - begin != bytes)
        {
            throw new ModelFormatException($"'{path}': '{name}' {dtype} {WeightTypes.Describe(shape)} needs {bytes} bytes, but its data_offsets are {begin}..{end}.");
        }

        return new SafetensorsEntry(new WeightInfo(name, type, shape.ToArray()), begin, end);
    }

    private static List<long> ReadNumbers(ref Utf8JsonReader reader, int most)
    {
        if (reader.TokenType is not JsonTokenType.StartArray)
        {
            throw new FormatException("expected an array of numbers");
        }

        var numbers = new List<long>();
        while (reader.Read() && reader.TokenType is not JsonTokenType.EndArray)
        {
            if (numbers.Count == most)
            {
                throw new FormatException($"expected an array of at most {most} numbers");
            }

            numbers.Add(reader.GetInt64());
        }

        return numbers;
    }
}
