using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel;
using RwkvSk.Connector.Tests.Prompting;
using Xunit;

namespace RwkvSk.Connector.Tests.Conformance;

/// <summary>O. Prompts.</summary>
public class PromptTests
{
    [Fact, Item(139)]
    public async Task A_prompt_may_be_messages_in_xml()
    {
        using var bench = new Bench();
        bench.Runner.Otherwise(" Ok.");
        var kernel = bench.Kernel();
        var template = $$$"""
            <message role="system"><![CDATA[Be <brief> & kind.]]></message>
            <message role="user"><text>What is {{$what}}?</text><image>data:image/png;base64,{{{Convert.ToBase64String(Bench.Png)}}}</image></message>
            <message role="assistant">A goose.</message>
            <message role="user">{{$what}}</message>
            """;
        var message = await kernel.InvokePromptAsync<ChatMessageContent>(template, new() { ["what"] = "<this> & </message>" });
        Assert.Equal(
            ["System: Be <brief> & kind.\n\n", "User: [1]\nWhat is <this> & </message>?\n\n", "Assistant: A goose.\n\n", "User: <this> & </message>\n\n", "Assistant:"],
            PromptText.Turns(((RwkvAnswer)message!.InnerContent!).Prompt));
    }

    [Theory, Item(139)]
    [InlineData("Just a question")]
    [InlineData("Not <xml at all")]
    public async Task A_prompt_may_be_plain_text(string prompt)
    {
        using var bench = new Bench();
        bench.Runner.Otherwise(" Ok.");
        await bench.Kernel().InvokePromptAsync(prompt);
        Assert.Equal($"User: {prompt}\n\nAssistant:", bench.Runner.Prompts[0]);
    }

    [Fact, Item(140)]
    public async Task A_prompt_functions_configuration_brings_behaviour_and_settings()
    {
        using var bench = new Bench();
        bench.Runner.When("Function output:\n12:00\n\nAssistant:", " Noon it is.").Otherwise(House.Calls(("lamp_now", "{}")));
        var (kernel, house) = House.In(bench);
        var function = kernel.CreateFunctionFromPrompt(PromptTemplateConfig.FromJson("""
            {"name":"ask","template":"Time?","execution_settings":{"default":{"temperature":0,"stop_sequences":[" it is"],"function_choice_behavior":{"type":"auto"}}}}
            """));
        Assert.Equal("Noon", await kernel.InvokeAsync<string>(function));
        Assert.Equal(["now"], house.Log);
    }

    [Fact, Item(141)]
    public async Task A_prompts_result_can_be_taken_in_any_form()
    {
        using var bench = new Bench();
        bench.Runner.Otherwise(" Ok.");
        var kernel = bench.Kernel();
        var result = await kernel.InvokePromptAsync("Hi");
        Assert.Equal("Ok.", result.GetValue<string>());
        Assert.Equal("Ok.", result.GetValue<ChatMessageContent>()!.Content);
        Assert.Equal("Ok.", result.GetValue<ChatResponse>()!.Text);
        Assert.Equal("Ok.", result.ToString());
        Assert.Equal("stop", result.Metadata!["FinishReason"]);
        Assert.IsType<UsageDetails>(result.Metadata["Usage"]);
    }
}
