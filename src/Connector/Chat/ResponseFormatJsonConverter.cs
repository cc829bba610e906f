using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.AI;

namespace RwkvSk.Connector;

/// <summary>Reads a response format as the JSON it is; writes any spelling as OpenAI's form, because types and objects do not survive as text.</summary>
internal sealed class ResponseFormatJsonConverter : JsonConverter<object>
{
    public override object? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => JsonElement.ParseValue(ref reader);

    public override void Write(Utf8JsonWriter writer, object value, JsonSerializerOptions options)
    {
        if (value is JsonElement element)
        {
            element.WriteTo(writer);
            return;
        }

        var format = ResponseFormats.Normalize(value);
        if (format is not ChatResponseFormatJson json)
        {
            writer.WriteStringValue("text");
        }
        else if (json.Schema is not { } schema)
        {
            writer.WriteStringValue("json_object");
        }
        else
        {
            writer.WriteStartObject();
            writer.WriteString("type", "json_schema");
            writer.WriteStartObject("json_schema");
            writer.WriteString("name", json.SchemaName ?? "answer");
            writer.WritePropertyName("schema");
            schema.WriteTo(writer);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }
    }
}
