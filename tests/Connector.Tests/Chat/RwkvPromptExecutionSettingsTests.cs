using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel;
using Xunit;

namespace RwkvSk.Connector.Tests.Chat;

public class RwkvPromptExecutionSettingsTests
{
    private const string Json = """
        {"service_id":"s","model_id":"m","temperature":"0.25","top_p":0.5,"top_k":"40","seed":7,"max_tokens":"12","presence_penalty":1,
        "frequency_penalty":0.5,"penalty_decay":0.9,"stop_sequences":["a","b"],"response_format":"json_object","reasoning_effort":"low",
        "chat_system_prompt":"Be brief.","prompt":"What is it?","cache_scope":"tenant","read_ahead":true,"persona":"support","conversation_id":"c","unknown":1}
        """;

    private static RwkvPromptExecutionSettings Full() => new()
    {
        ServiceId = "s",
        ModelId = "m",
        FunctionChoiceBehavior = FunctionChoiceBehavior.Auto(),
        ExtensionData = new Dictionary<string, object> { ["unknown"] = 1 },
        Temperature = 0.25f,
        TopP = 0.5f,
        TopK = 40,
        Seed = 7,
        MaxTokens = 12,
        PresencePenalty = 1,
        FrequencyPenalty = 0.5f,
        PenaltyDecay = 0.9f,
        StopSequences = ["a", "b"],
        ResponseFormat = "json_object",
        ReasoningEffort = "low",
        ChatSystemPrompt = "Be brief.",
        Prompt = "What is it?",
        CacheScope = "tenant",
        ReadAhead = true,
        Persona = "support",
        ConversationId = "c",
    };

    [Fact]
    public void Nothing_is_set_by_default()
    {
        var settings = RwkvPromptExecutionSettings.FromExecutionSettings(null);
        Assert.All(OwnProperties(), property => Assert.Null(property.GetValue(settings)));
    }

    [Fact]
    public void Settings_of_the_same_type_come_back_as_they_are()
    {
        var settings = Full();
        Assert.Same(settings, RwkvPromptExecutionSettings.FromExecutionSettings(settings));
    }

    [Fact]
    public void Json_is_read_with_numbers_as_text() => AssertFull(JsonSerializer.Deserialize<RwkvPromptExecutionSettings>(Json)!);

    [Fact]
    public void Json_survives_a_round_trip() =>
        AssertFull(JsonSerializer.Deserialize<RwkvPromptExecutionSettings>(JsonSerializer.Serialize(JsonSerializer.Deserialize<RwkvPromptExecutionSettings>(Json)))!);

    [Fact]
    public void Base_settings_are_read_by_name_without_being_changed()
    {
        var settings = JsonSerializer.Deserialize<PromptExecutionSettings>(Json)!;
        settings.FunctionChoiceBehavior = FunctionChoiceBehavior.Required();
        settings.Freeze();
        var before = JsonSerializer.Serialize(settings.ExtensionData);

        var read = RwkvPromptExecutionSettings.FromExecutionSettings(settings);

        AssertFull(read);
        Assert.Same(settings.FunctionChoiceBehavior, read.FunctionChoiceBehavior);
        Assert.Equal(before, JsonSerializer.Serialize(settings.ExtensionData));
    }

    [Fact]
    public void Values_may_have_any_numeric_type_and_names_any_case()
    {
        var read = RwkvPromptExecutionSettings.FromExecutionSettings(new()
        {
            ExtensionData = new Dictionary<string, object> { ["MAX_TOKENS"] = 12.0, ["Temperature"] = 0, ["seed"] = "9", ["top_p"] = 0.5m, ["stop"] = "x" },
        });
        Assert.Equal(12, read.MaxTokens);
        Assert.Equal(0f, read.Temperature);
        Assert.Equal(9, read.Seed);
        Assert.Equal(0.5f, read.TopP);
        Assert.Equal(["x"], read.StopSequences!);
    }

    [Fact]
    public void A_value_that_cannot_be_read_is_named()
    {
        var error = Assert.Throws<ArgumentException>(() => RwkvPromptExecutionSettings.FromExecutionSettings(
            new() { ExtensionData = new Dictionary<string, object> { ["max_tokens"] = "many" } }));
        Assert.Contains("max_tokens", error.Message, StringComparison.Ordinal);
        Assert.Contains("many", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_clone_copies_everything_and_is_not_frozen()
    {
        var settings = Full();
        settings.Freeze();
        var clone = Assert.IsType<RwkvPromptExecutionSettings>(settings.Clone());

        AssertFull(clone);
        Assert.Equal("s", clone.ServiceId);
        Assert.Same(settings.FunctionChoiceBehavior, clone.FunctionChoiceBehavior);
        Assert.False(clone.IsFrozen);
        clone.StopSequences!.Add("c");
        clone.ExtensionData!["more"] = 1;
        Assert.Equal(2, settings.StopSequences!.Count);
        Assert.Single(settings.ExtensionData!);
        Assert.All(OwnProperties(), property => Assert.NotNull(property.GetValue(clone)));
    }

    [Fact]
    public void Frozen_settings_refuse_every_change()
    {
        var settings = Full();
        settings.Freeze();
        settings.Freeze();

        Assert.True(settings.IsFrozen);
        Assert.All(OwnProperties(), property =>
        {
            var error = Assert.Throws<System.Reflection.TargetInvocationException>(() => property.SetValue(settings, property.GetValue(settings)));
            Assert.IsType<InvalidOperationException>(error.InnerException);
        });
        Assert.Throws<NotSupportedException>(() => settings.StopSequences!.Add("c"));
        Assert.Throws<NotSupportedException>(() => settings.ExtensionData!.Add("more", 1));
    }

    [Fact]
    public void Every_spelling_of_a_response_format_is_understood()
    {
        var schema = JsonElement.Parse("""{"type":"object","properties":{"a":{"type":"integer"}}}""");
        var wrapper = JsonSerializer.SerializeToElement(new { type = "json_schema", json_schema = new { name = "n", schema, strict = true } });
        object[] schemas = [schema, schema.GetRawText(), wrapper, wrapper.GetRawText(), ChatResponseFormat.ForJsonSchema(schema)];
        foreach (var spelling in schemas)
        {
            var format = Assert.IsType<ChatResponseFormatJson>(ResponseFormats.Normalize(spelling));
            Assert.True(JsonElement.DeepEquals(schema, format.Schema!.Value));
        }

        Assert.Same(ChatResponseFormat.Text, ResponseFormats.Normalize("text"));
        Assert.Null(Assert.IsType<ChatResponseFormatJson>(ResponseFormats.Normalize("json_object")).Schema);
        Assert.Null(Assert.IsType<ChatResponseFormatJson>(ResponseFormats.Normalize(JsonElement.Parse("""{"type":"json_object"}"""))).Schema);

        var typed = Assert.IsType<ChatResponseFormatJson>(ResponseFormats.Normalize(typeof(Reading))).Schema!.Value;
        Assert.Equal(2, typed.GetProperty("required").GetArrayLength());
        Assert.Throws<ArgumentException>(() => ResponseFormats.Normalize("yaml"));
        Assert.Throws<ArgumentException>(() => ResponseFormats.Normalize(3));
    }

    private static IEnumerable<System.Reflection.PropertyInfo> OwnProperties() =>
        typeof(RwkvPromptExecutionSettings).GetProperties().Where(static p => p.DeclaringType == typeof(RwkvPromptExecutionSettings) && p.CanWrite);

    private static void AssertFull(RwkvPromptExecutionSettings read)
    {
        Assert.Equal("s", read.ServiceId);
        Assert.Equal("m", read.ModelId);
        Assert.Equal(0.25f, read.Temperature);
        Assert.Equal(0.5f, read.TopP);
        Assert.Equal(40, read.TopK);
        Assert.Equal(7, read.Seed);
        Assert.Equal(12, read.MaxTokens);
        Assert.Equal(1f, read.PresencePenalty);
        Assert.Equal(0.5f, read.FrequencyPenalty);
        Assert.Equal(0.9f, read.PenaltyDecay);
        Assert.Equal(["a", "b"], read.StopSequences!);
        Assert.Null(Assert.IsType<ChatResponseFormatJson>(ResponseFormats.Normalize(read.ResponseFormat)).Schema);
        Assert.Equal("low", read.ReasoningEffort);
        Assert.Equal("Be brief.", read.ChatSystemPrompt);
        Assert.Equal("What is it?", read.Prompt);
        Assert.Equal("tenant", read.CacheScope);
        Assert.True(read.ReadAhead);
        Assert.Equal("support", read.Persona);
        Assert.Equal("c", read.ConversationId);
        Assert.Equal("1", read.ExtensionData!["unknown"].ToString());
    }

    private sealed record Reading(string City, double Temperature);
}
