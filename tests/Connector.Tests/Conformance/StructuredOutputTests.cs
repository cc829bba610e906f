using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using RwkvSk.Engine.Constraints;
using Xunit;

namespace RwkvSk.Connector.Tests.Conformance;

/// <summary>M. Structured output, and calls that cannot be malformed. The scripted model would rather write something else.</summary>
public class StructuredOutputTests
{
    private const string Order = """{"type":"object","properties":{"size":{"enum":["small","large"]},"count":{"type":"integer","minimum":1,"maximum":9},"wrap":{"type":"boolean"}},"required":["size","count","wrap"],"additionalProperties":false}""";

    public static TheoryData<Face> Faces => [Face.Kernel, Face.KernelStreaming, Face.Client, Face.ClientStreaming];

    [Theory, Item(127)]
    [MemberData(nameof(Faces))]
    public async Task An_answer_is_valid_whatever_the_model_would_write(Face face)
    {
        string[] schemas =
        [
            Order,
            """{"type":"integer","minimum":10,"maximum":99}""",
            """{"type":"boolean"}""",
            """{"enum":["red","green"]}""",
            """{"const":null}""",
            """{"type":"string","pattern":"^[a-c]{2,3}$"}""",
            """{"type":"array","items":{"type":"boolean"},"minItems":2,"maxItems":3}""",
            """{"type":"object","properties":{"lamp":{"$ref":"#/$defs/lamp"}},"required":["lamp"],"$defs":{"lamp":{"type":"object","properties":{"on":{"type":"boolean"}},"required":["on"]}}}""",
            """{"anyOf":[{"type":"null"},{"type":"boolean"}]}""",
        ];
        foreach (var schema in schemas)
        {
            foreach (var temperature in (float[])[0, 1, 100])
            {
                using var bench = new Bench();
                bench.Runner.Otherwise(" I would rather not say. ");
                var settings = new RwkvPromptExecutionSettings { ResponseFormat = JsonElement.Parse(schema), Temperature = temperature, TopP = 1, Seed = 5, MaxTokens = 400 };
                var reply = await bench.AskAsync(face, "Order?", settings);
                Assert.Equal("stop", reply.FinishReason);
                using var value = JsonDocument.Parse(reply.Text);
                Assert.True(Fits(value.RootElement, schema), $"{reply.Text} for {schema}");
            }
        }
    }

    [Theory, Item(127)]
    [MemberData(nameof(Faces))]
    public async Task Any_json_object_will_do_where_no_schema_is_given(Face face)
    {
        using var bench = new Bench();
        bench.Runner.Otherwise(" {\"name\":\"Köln\",\"tags\":[1,null,{\"a\":true}]} and so on");
        var reply = await bench.AskAsync(face, "City?", new() { ResponseFormat = "json_object" });
        Assert.Equal("""{"name":"Köln","tags":[1,null,{"a":true}]}""", reply.Text);
        Assert.Equal("stop", reply.FinishReason);
    }

    [Theory, Item(127)]
    [MemberData(nameof(Faces))]
    public async Task An_answer_that_is_cut_off_says_so(Face face)
    {
        using var bench = new Bench();
        bench.Runner.Otherwise(" {\"size\":\"small\",\"count\":1,\"wrap\":true}");
        var reply = await bench.AskAsync(face, "Order?", new() { ResponseFormat = JsonElement.Parse(Order), MaxTokens = 10 });
        Assert.Equal("length", reply.FinishReason);
        Assert.Equal("{\"size\":\"", reply.Text);
    }

    [Theory, Item(128)]
    [InlineData(Face.Kernel)]
    [InlineData(Face.KernelStreaming)]
    public async Task Every_spelling_of_a_schema_is_kept(Face face)
    {
        var schema = JsonElement.Parse(Order);
        object[] spellings =
        [
            schema, Order, JsonSerializer.SerializeToElement(new { type = "json_schema", json_schema = new { name = "order", strict = true, schema } }), typeof(Parcel), ChatResponseFormat.ForJsonSchema(schema),
        ];
        foreach (var spelling in spellings)
        {
            using var bench = new Bench();
            bench.Runner.Otherwise(" {\"size\":\"small\",\"count\":3,\"wrap\":true}");
            Assert.Equal("""{"size":"small","count":3,"wrap":true}""", (await bench.AskAsync(face, "Order?", new() { ResponseFormat = spelling })).Text);

            using var unwilling = new Bench();
            unwilling.Runner.Otherwise(" no");
            using var value = JsonDocument.Parse((await unwilling.AskAsync(face, "Order?", new() { ResponseFormat = spelling, MaxTokens = 300 })).Text);
            Assert.Equal(3, value.RootElement.EnumerateObject().Count());
        }

        using var text = new Bench();
        text.Runner.Otherwise(" no");
        Assert.Equal("no", (await text.AskAsync(face, "Order?", new() { ResponseFormat = "text" })).Text);
        await Assert.ThrowsAsync<ArgumentException>(() => text.AskAsync(face, "Order?", new() { ResponseFormat = "yaml" }));
    }

    [Theory, Item(128)]
    [InlineData(Face.Kernel)]
    [InlineData(Face.KernelStreaming)]
    public async Task A_schema_that_cannot_be_expressed_is_refused_at_its_keyword(Face face)
    {
        using var bench = new Bench();
        var error = await Assert.ThrowsAsync<ConstraintException>(() => bench.AskAsync(face, "Order?", new() { ResponseFormat = JsonElement.Parse("""{"type":"object","properties":{"a":{"$ref":"#/nowhere"}}}""") }));
        Assert.Contains("$ref", error.Path, StringComparison.Ordinal);
        Assert.Empty(bench.Runner.Prompts);
    }

    [Theory, Item(127)]
    [MemberData(nameof(Faces))]
    public async Task The_model_is_told_what_is_wanted_after_everything_else(Face face)
    {
        using var bench = new Bench();
        bench.Runner.Otherwise(" {\"size\":\"small\",\"count\":3,\"wrap\":true}");
        await bench.AskAsync(face, "Order?", new() { ResponseFormat = JsonElement.Parse(Order) });
        Assert.Equal("User: Order?\n\nSystem: Answer as JSON: {size: \"small\" | \"large\", count: integer, wrap: boolean}\n\nAssistant:", bench.Runner.Prompts[0]);
    }

    [Fact, Item(127)]
    public async Task A_typed_answer_is_parsed()
    {
        using var bench = new Bench();
        bench.Runner.Otherwise(" {\"size\":\"large\",\"count\":2,\"wrap\":false}");
        var response = await bench.Leaf.GetResponseAsync<Parcel>("Order?", cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(new Parcel(ParcelSize.large, 2, false), response.Result);

        using var number = new Bench();
        number.Runner.Otherwise(" {\"data\":42}");   // roots that are no objects are wrapped
        Assert.Equal(42, (await number.Leaf.GetResponseAsync<int>("How many?", cancellationToken: TestContext.Current.CancellationToken)).Result);
    }

    [Theory, Item(129)]
    [InlineData(Face.Kernel)]
    [InlineData(Face.KernelStreaming)]
    public async Task With_tools_an_answer_is_a_call_or_fits_the_schema(Face face)
    {
        using var bench = new Bench();
        bench.Runner.Answer(static prompt => prompt.Contains("12:00", StringComparison.Ordinal) ? " {\"size\":\"small\",\"count\":3,\"wrap\":true}" : null).Otherwise(House.Calls(("lamp_now", "{}")));
        var (kernel, house) = House.In(bench);
        var settings = new RwkvPromptExecutionSettings { FunctionChoiceBehavior = FunctionChoiceBehavior.Auto(), ResponseFormat = JsonElement.Parse(Order) };
        var reply = await bench.AskAsync(face, new ChatHistory("Order at noon", AuthorRole.User), settings, kernel);
        Assert.Equal("""{"size":"small","count":3,"wrap":true}""", reply.Text);
        Assert.Equal(["now"], house.Log);

        // Neither: the model is held to one of the two.
        using var unwilling = new Bench();
        unwilling.Runner.Otherwise(" no");
        var held = await unwilling.AskAsync(face, new ChatHistory("Order", AuthorRole.User), new() { FunctionChoiceBehavior = FunctionChoiceBehavior.None(), ResponseFormat = JsonElement.Parse(Order), MaxTokens = 300 }, kernel);
        using var value = JsonDocument.Parse(held.Text);
        Assert.True(Fits(value.RootElement, Order));
    }

    [Fact, Item(130)]
    public async Task A_schema_may_be_told_in_words_alone()
    {
        using var bench = new Bench();
        bench.Runner.Otherwise(" {\"size\":\"large\",\"count\":2,\"wrap\":false}");
        var response = await bench.Leaf.GetResponseAsync<Parcel>("Order?", useJsonSchemaResponseFormat: false, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(new Parcel(ParcelSize.large, 2, false), response.Result);
        Assert.Contains("\"count\"", bench.Runner.Prompts[0], StringComparison.Ordinal);
    }

    [Theory, Item(67, 68)]
    [InlineData(Face.Kernel)]
    [InlineData(Face.KernelStreaming)]
    public async Task A_required_call_is_made_however_unwilling_the_model_is(Face face)
    {
        using var bench = new Bench();
        bench.Runner.When("Function output:\n12:00\n\nAssistant:", " Noon.").Otherwise(" I would rather not.");
        var (kernel, house) = House.In(bench);
        var settings = new RwkvPromptExecutionSettings { FunctionChoiceBehavior = FunctionChoiceBehavior.Required([kernel.Plugins.GetFunction("lamp", "now")]) };
        Assert.EndsWith("Noon.", (await bench.AskAsync(face, new ChatHistory("Time?", AuthorRole.User), settings, kernel)).Text, StringComparison.Ordinal);
        Assert.Equal(["now"], house.Log);
    }

    [Theory, Item(68)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_named_function_is_the_one_that_is_called(bool streaming)
    {
        using var bench = new Bench();
        bench.Runner.Otherwise("{\"name\":\"lamp_set_color\",\"arguments\":{\"color\":\"red\"}}");
        var (kernel, _) = House.In(bench);
        var options = new ChatOptions { Tools = [.. kernel.Plugins.SelectMany(static p => p)], ToolMode = ChatToolMode.RequireSpecific("lamp_now") };
        var response = streaming
            ? (await bench.Leaf.GetStreamingResponseAsync("Go", options).ToListAsync()).ToChatResponse()
            : await bench.Leaf.GetResponseAsync("Go", options);
        var call = Assert.IsType<Microsoft.Extensions.AI.FunctionCallContent>(Assert.Single(response.Messages[0].Contents));
        Assert.Equal("lamp_now", call.Name);
        Assert.Equal(ChatFinishReason.ToolCalls, response.FinishReason);
        Assert.Contains("- lamp_set_color(", bench.Runner.Prompts[0], StringComparison.Ordinal);

        options.ToolMode = ChatToolMode.RequireSpecific("lamp_fly");
        await Assert.ThrowsAsync<ArgumentException>(() => bench.Leaf.GetResponseAsync("Go", options));
    }

    [Fact, Item(67)]
    public async Task A_required_calls_arguments_always_fit()
    {
        using var bench = new Bench();
        bench.Runner.Otherwise("whatever");
        var tool = AIFunctionFactory.CreateDeclaration("order", "", JsonElement.Parse(Order));
        for (var seed = 0; seed < 10; seed++)
        {
            var options = new ChatOptions { Tools = [tool], ToolMode = ChatToolMode.RequireAny, Temperature = 100, TopP = 1, Seed = seed };
            var response = await bench.Leaf.GetResponseAsync("Go", options);
            var call = Assert.IsType<Microsoft.Extensions.AI.FunctionCallContent>(Assert.Single(response.Messages[0].Contents));
            Assert.Null(call.Exception);
            Assert.True(Fits(JsonSerializer.SerializeToElement(call.Arguments), Order));
        }
    }

#pragma warning disable CA1707, IDE1006 // named as the schema spells them
    public enum ParcelSize
    {
        small,
        large,
    }
#pragma warning restore CA1707, IDE1006

    public sealed record Parcel(
        [property: System.Text.Json.Serialization.JsonPropertyName("size"), System.Text.Json.Serialization.JsonConverter(typeof(System.Text.Json.Serialization.JsonStringEnumConverter<ParcelSize>))] ParcelSize Size,
        [property: System.Text.Json.Serialization.JsonPropertyName("count"), System.ComponentModel.DataAnnotations.Range(1, 9)] int Count,
        [property: System.Text.Json.Serialization.JsonPropertyName("wrap")] bool Wrap);

    /// <summary>The few keywords these schemas use, checked by hand.</summary>
    private static bool Fits(JsonElement value, string schema) => schema switch
    {
        Order => value.GetProperty("size").GetString() is "small" or "large" && value.GetProperty("count").GetInt32() is >= 1 and <= 9
            && value.GetProperty("wrap").ValueKind is JsonValueKind.True or JsonValueKind.False && value.EnumerateObject().Count() == 3,
        _ when schema.Contains("99", StringComparison.Ordinal) => value.GetInt32() is >= 10 and <= 99,
        _ when schema.Contains("\"red\"", StringComparison.Ordinal) => value.GetString() is "red" or "green",
        _ when schema.Contains("const", StringComparison.Ordinal) => value.ValueKind is JsonValueKind.Null,
        _ when schema.Contains("pattern", StringComparison.Ordinal) => value.GetString() is { Length: 2 or 3 } text && text.All(static c => c is >= 'a' and <= 'c'),
        _ when schema.Contains("minItems", StringComparison.Ordinal) => value.GetArrayLength() is 2 or 3,
        _ when schema.Contains("$defs", StringComparison.Ordinal) => value.GetProperty("lamp").GetProperty("on").ValueKind is JsonValueKind.True or JsonValueKind.False,
        _ => value.ValueKind is JsonValueKind.True or JsonValueKind.False or JsonValueKind.Null,
    };
}
