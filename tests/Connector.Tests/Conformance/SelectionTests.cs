using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using Microsoft.SemanticKernel.ImageToText;
using Microsoft.SemanticKernel.Services;
using Microsoft.SemanticKernel.TextGeneration;
using RwkvSk.Connector.Hosting;
using RwkvSk.Engine;
using RwkvSk.TestKit;
using Xunit;

namespace RwkvSk.Connector.Tests.Conformance;

/// <summary>J. Selection, dependency injection, lifetime.</summary>
public sealed class SelectionTests : IDisposable
{
    private readonly string _model = Path.Combine(Directory.CreateTempSubdirectory().FullName, "goose.safetensors");

    public SelectionTests() => File.WriteAllText(_model, "");

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(_model)!, recursive: true);

    [Theory, Item(102)]
    [InlineData(null)]
    [InlineData("goose")]
    public async Task Every_service_is_there_with_and_without_an_id(string? id)
    {
        using var fleet = new Fleet();
        fleet.Register(id);
        var builder = Kernel.CreateBuilder();
        fleet.CopyTo(builder.Services);
        builder.AddRwkvChatCompletion(_model, serviceId: id).AddRwkvImageToText(_model, serviceId: id).AddRwkvChatClient(_model, serviceId: id);
        fleet.Services.AddRwkvChatCompletion(_model, serviceId: id).AddRwkvImageToText(_model, serviceId: id).AddRwkvChatClient(_model, serviceId: id);
        await using var provider = fleet.Services.BuildServiceProvider();
        foreach (var services in (IServiceProvider[])[builder.Build().Services, provider])
        {
            Assert.IsType<RwkvChatCompletionService>(Get<IChatCompletionService>(services, id));
            Assert.IsType<RwkvChatCompletionService>(Get<ITextGenerationService>(services, id));
            Assert.IsType<RwkvImageToTextService>(Get<IImageToTextService>(services, id));
            Assert.NotNull(Get<IChatClient>(services, id).GetService<RwkvChatClient>());
            Assert.Same(Get<RwkvChatClient>(services, id), Get<IChatClient>(services, id).GetService<RwkvChatClient>());
            Assert.Equal("goose", Get<IChatCompletionService>(services, id).GetModelId());
        }
    }

    [Fact, Item(102)]
    public void Nothing_is_no_container_and_no_path()
    {
        IServiceCollection services = new ServiceCollection();
        Assert.Throws<ArgumentNullException>(() => ((IServiceCollection)null!).AddRwkvChatCompletion(_model));
        Assert.Throws<ArgumentNullException>(() => ((IServiceCollection)null!).AddRwkvChatClient(_model));
        Assert.Throws<ArgumentNullException>(() => ((IServiceCollection)null!).AddRwkvImageToText(_model));
        Assert.Throws<ArgumentNullException>(() => ((IKernelBuilder)null!).AddRwkvChatCompletion(_model));
        Assert.Throws<ArgumentNullException>(() => ((IKernelBuilder)null!).AddRwkvChatClient(_model));
        Assert.Throws<ArgumentNullException>(() => ((IKernelBuilder)null!).AddRwkvImageToText(_model));
        Assert.Throws<ArgumentNullException>(() => services.AddRwkvChatCompletion(null!));
        Assert.Throws<ArgumentException>(() => services.AddRwkvChatClient(" "));
    }

    [Fact]
    public void One_id_stands_for_one_model()
    {
        var services = new ServiceCollection().AddRwkvChatCompletion(_model, serviceId: "a").AddRwkvImageToText(_model, serviceId: "a");
        var error = Assert.Throws<ArgumentException>(() => services.AddRwkvChatClient("other.safetensors", serviceId: "a"));
        Assert.Contains("'a'", error.Message, StringComparison.Ordinal);
        Assert.Contains("other.safetensors", error.Message, StringComparison.Ordinal);
    }

    [Fact, Item(103, 104)]
    public async Task The_service_asked_for_is_chosen_and_only_its_model_is_loaded()
    {
        using var fleet = new Fleet();
        foreach (var id in (string[])["a", "b", "c"])
        {
            fleet.Register(id);
            fleet.Services.AddRwkvChatCompletion(_model, options => options.ModelId = $"model-{id}", id);
        }

        var builder = Kernel.CreateBuilder();
        fleet.CopyTo(builder.Services);
        var kernel = builder.Build();
        Assert.Equal("from b", await kernel.InvokePromptAsync<string>("Hi", new(new PromptExecutionSettings { ServiceId = "b" })));
        Assert.Equal(["b"], fleet.Loaded);
        Assert.Equal("from a", await kernel.InvokePromptAsync<string>("Hi", new(new PromptExecutionSettings { ModelId = "model-a" })));
        Assert.Equal(["b", "a"], fleet.Loaded);
        await Assert.ThrowsAsync<KernelException>(() => kernel.InvokePromptAsync<string>("Hi", new(new PromptExecutionSettings { ServiceId = "x" })));

        using var another = new Fleet();
        foreach (var id in (string[])["a", "b", "c"])
        {
            another.Register(id);
            another.Services.AddRwkvChatCompletion(_model, serviceId: id);
        }

        builder = Kernel.CreateBuilder();
        another.CopyTo(builder.Services);
        await builder.Build().InvokePromptAsync<string>("Hi");
        Assert.Single(another.Loaded);
    }

    /// <summary>A kernel from the container has no list of ids, so a model with an id is found by it alone.</summary>
    [Fact, Item(105)]
    public async Task A_kernel_from_the_container_finds_a_model_with_an_id_by_it()
    {
        using var fleet = new Fleet();
        fleet.Register("goose");
        fleet.Services.AddRwkvChatCompletion(_model, serviceId: "goose").AddKernel();
        await using var provider = fleet.Services.BuildServiceProvider();
        var kernel = provider.GetRequiredService<Kernel>();
        Assert.Equal("from goose", await kernel.InvokePromptAsync<string>("Hi", new(new PromptExecutionSettings { ServiceId = "goose" })));
        await Assert.ThrowsAnyAsync<Exception>(() => kernel.InvokePromptAsync<string>("Hi"));
    }

    [Fact, Item(106, 110)]
    public async Task One_engine_serves_all_and_goes_with_the_container()
    {
        using var fleet = new Fleet();
        fleet.Register(null);
        fleet.Services.AddRwkvChatCompletion(_model).AddRwkvImageToText(_model).AddRwkvChatClient(_model);
        var provider = fleet.Services.BuildServiceProvider();
        var chat = provider.GetRequiredService<IChatCompletionService>();
        Assert.Equal("from (none)", (await chat.GetChatMessageContentAsync("Hi")).Content);
        Assert.Equal("from (none)", (await provider.GetRequiredService<IChatClient>().GetResponseAsync("Hi")).Text);
        Assert.Equal("from (none)", (await provider.GetRequiredService<ITextGenerationService>().GetTextContentAsync("Hi")).Text);
        Assert.Equal("from (none)", (await provider.GetRequiredService<IImageToTextService>().GetTextContentAsync(new ImageContent(Bench.Png, null))).Text);
        Assert.Single(fleet.Loaded);

        // Disposing a shared client leaves the model to the container.
        provider.GetRequiredService<IChatClient>().Dispose();
        Assert.Equal("from (none)", (await chat.GetChatMessageContentAsync("Hi")).Content);
        Assert.Equal(0, fleet.Disposed);

        await provider.DisposeAsync();
        await provider.DisposeAsync();
        Assert.Equal(1, fleet.Disposed);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => chat.GetChatMessageContentAsync("Hi"));
    }

    /// <summary>Semantic Kernel's second way: a kernel that has a chat client and no chat completion.</summary>
    [Fact, Item(102)]
    public async Task A_kernel_with_the_chat_client_alone_calls_functions()
    {
        using var bench = new Bench();
        bench.Runner.When("12:00\n\nAssistant:", " Noon.").Otherwise(House.Calls(("lamp_now", "{}")));
        var builder = Kernel.CreateBuilder();
        builder.Services.AddSingleton<IEngineSource>(LazyEngine.Of(bench.Engine));
        builder.AddRwkvChatClient(_model);
        var house = new House();
        builder.Plugins.AddFromObject(house, "lamp");
        var kernel = builder.Build();
        var settings = new RwkvPromptExecutionSettings { FunctionChoiceBehavior = FunctionChoiceBehavior.Auto() };
        Assert.Equal("Noon.", await kernel.InvokePromptAsync<string>("Time?", new(settings)));
        Assert.Equal(["now"], house.Log);
    }

    [Fact, Item(107)]
    public async Task Disposal_ends_what_is_running()
    {
        using var fleet = new Fleet();
        fleet.Register(null);
        fleet.Services.AddRwkvChatCompletion(_model);
        var provider = fleet.Services.BuildServiceProvider();
        var chat = provider.GetRequiredService<IChatCompletionService>();
        var stream = chat.GetStreamingChatMessageContentsAsync("long").GetAsyncEnumerator();
        Assert.True(await stream.MoveNextAsync());
        provider.Dispose();
        await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            while (await stream.MoveNextAsync())
            {
            }

            throw new ObjectDisposedException("the answer was whole before the end came");
        });
        Assert.Equal(1, fleet.Disposed);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => chat.GetChatMessageContentAsync("Hi"));
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await chat.GetStreamingChatMessageContentsAsync("Hi").ToListAsync());
    }

    [Fact, Item(108)]
    public async Task Wrong_options_stop_the_host_with_every_reason()
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Services.AddRwkvChatCompletion(_model, options => (options.MaxRunning, options.ChunkLength) = (0, -1));
        using var host = builder.Build();
        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());
        Assert.Contains(error.Failures, failure => failure.Contains(nameof(RwkvOptions.MaxRunning), StringComparison.Ordinal));
        Assert.Contains(error.Failures, failure => failure.Contains(nameof(RwkvOptions.ChunkLength), StringComparison.Ordinal));
    }

    [Fact, Item(108)]
    public async Task A_missing_model_stops_the_host_but_not_the_construction_of_services()
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Services.AddRwkvChatCompletion("/nowhere/goose.safetensors");
        using var host = builder.Build();
        Assert.NotNull(host.Services.GetRequiredService<IChatCompletionService>());
        await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());
    }

    [Fact, Item(108)]
    public void Options_are_bound_from_configuration()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ModelId"] = "from-configuration",
            ["MaxRunning"] = "3",
            ["Device"] = "Cpu",
            ["Sampling:Temperature"] = "0.5",
            ["AllowedImageFolders:0"] = "/pictures",
            ["WarmUp"] = "Background",
            ["Adapter:Path"] = "/adapters/poet.pth",
            ["Adapter:Alpha"] = "16",
        }).Build();
        var services = new ServiceCollection().AddRwkvChatCompletion(_model, configuration.Bind);
        using var provider = services.BuildServiceProvider();
        var options = provider.GetRequiredService<IOptions<RwkvOptions>>().Value;
        Assert.Equal((_model, "from-configuration", 3, Device.Cpu, 0.5f, WarmUp.Background),
            (options.ModelPath, options.ModelId, options.MaxRunning, options.Device, options.Sampling.Temperature, options.WarmUp));
        Assert.Equal(["/pictures"], options.AllowedImageFolders);
        Assert.Equal(3, options.ToEngineOptions().MaxRunning);
        Assert.Equal(new AdapterOptions { Path = "/adapters/poet.pth", Alpha = 16 }, options.ToEngineOptions().Adapter);
    }

    [Fact]
    public void Connector_options_mirror_the_engines()
    {
        var engine = new EngineOptions();
        var mirrored = new RwkvOptions { ModelPath = "m" }.ToEngineOptions();
        foreach (var property in typeof(EngineOptions).GetProperties().Where(static p => p.CanWrite))
        {
            Assert.Equal(property.GetValue(engine), property.GetValue(mirrored));
            if (property.Name != nameof(EngineOptions.ImageDecoder))
            {
                Assert.NotNull(typeof(RwkvOptions).GetProperty(property.Name));
            }
        }
    }

    [Fact, Item(109)]
    public async Task Health_follows_the_model()
    {
        var mayLoad = new TaskCompletionSource<RwkvEngine>();
        using var source = new LazyEngine(() => mayLoad.Task.GetAwaiter().GetResult(), owned: false);
        var services = new ServiceCollection().AddLogging();
        services.AddSingleton<IEngineSource>(source);
        services.AddRwkvChatCompletion(_model).AddHealthChecks().AddRwkv(tags: ["ready"]);
        await using var provider = services.BuildServiceProvider();
        var health = provider.GetRequiredService<HealthCheckService>();
        Assert.Equal(HealthStatus.Degraded, (await health.CheckHealthAsync()).Status);
        Assert.Equal(EngineState.NotLoaded, source.State);

        var loading = source.GetAsync(TestContext.Current.CancellationToken);
        Assert.Equal(HealthStatus.Degraded, (await health.CheckHealthAsync()).Status);
        using var bench = new Bench();
        mayLoad.SetResult(bench.Engine);
        await loading;
        var healthy = (await health.CheckHealthAsync()).Entries["rwkv"];
        Assert.Equal(HealthStatus.Healthy, healthy.Status);
        Assert.Equal("goose", healthy.Data["model"]);
        Assert.Equal("cpu", healthy.Data["device"]);
        Assert.Equal(["ready"], healthy.Tags);
    }

    [Fact, Item(109)]
    public async Task A_model_that_cannot_be_loaded_is_reported_and_holds_up_nobody()
    {
        var mayLoad = new TaskCompletionSource<RwkvEngine>();
        var builder = Host.CreateApplicationBuilder();
        builder.Services.AddSingleton<IEngineSource>(_ => new LazyEngine(() => mayLoad.Task.GetAwaiter().GetResult()));
        builder.Services.AddRwkvChatCompletion(_model, options => options.WarmUp = WarmUp.Background).AddHealthChecks().AddRwkv();
        using var host = builder.Build();
        await host.StartAsync();   // returns while the model is still being loaded
        var source = host.Services.GetRequiredService<IEngineSource>();
        Assert.Equal(EngineState.Loading, source.State);

        var waiting = source.GetAsync(TestContext.Current.CancellationToken);
        mayLoad.SetException(new ModelFormatException("'goose' is damaged"));
        await Assert.ThrowsAsync<ModelFormatException>(() => waiting);
        var entry = (await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync()).Entries["rwkv"];
        Assert.Equal(HealthStatus.Unhealthy, entry.Status);
        Assert.IsType<ModelFormatException>(entry.Exception);
        await host.StopAsync();
    }

    [Fact, Item(109)]
    public async Task A_blocking_warm_up_has_the_model_ready_at_the_start()
    {
        using var fleet = new Fleet();
        fleet.Register(null);
        var builder = Host.CreateApplicationBuilder();
        fleet.CopyTo(builder.Services);
        builder.Services.AddRwkvChatCompletion(_model, options => options.WarmUp = WarmUp.Blocking);
        using var host = builder.Build();
        await host.StartAsync();
        Assert.Equal(EngineState.Ready, host.Services.GetRequiredService<IEngineSource>().State);
        Assert.Single(fleet.Loaded);
        await host.StopAsync();
    }

    private static T Get<T>(IServiceProvider services, string? id)
        where T : notnull =>
        id is null ? services.GetRequiredService<T>() : services.GetRequiredKeyedService<T>(id);

    /// <summary>Scripted models under ids; they answer with their id and note when they are loaded.</summary>
    private sealed class Fleet : IDisposable
    {
        private readonly List<RwkvEngine> _engines = [];

        public ServiceCollection Services { get; } = [];

        public List<string> Loaded { get; } = [];

        public int Disposed { get; private set; }

        public void Register(string? id)
        {
            var name = id ?? "(none)";
            Services.AddKeyedSingleton<IEngineSource>(id, (_, _) => new LazyEngine(() =>
            {
                Loaded.Add(name);
                var scripted = new ScriptedModelRunner();
                scripted.When("User: long\n\nAssistant:", " " + new string('x', 900)).Otherwise($" from {name}");
                var engine = TestEngine.Over(new LogitsRunner(scripted, () => Disposed++));
                _engines.Add(engine);
                return engine;
            }));
        }

        public void CopyTo(IServiceCollection services)
        {
            foreach (var descriptor in Services)
            {
                services.Add(descriptor);
            }
        }

        public void Dispose() => _engines.ForEach(static engine => engine.Dispose());
    }
}
