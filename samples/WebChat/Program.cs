using RwkvSk.Connector;

namespace RwkvSk.Samples.WebChat;

/// <summary>A chat about pictures for many people at once. The browser holds the conversation and sends all of it every time; the server keeps no session and reads only what is new.</summary>
public static class Program
{
    /// <summary>Serves until it is stopped.</summary>
    /// <param name="args">Configuration, say <c>--urls http://localhost:5080 --model PATH --Rwkv:MaxRunning 16</c>.</param>
    public static Task Main(string[] args) => Create(args).RunAsync();

    /// <summary>The application, not yet started.</summary>
    internal static WebApplication Create(string[] args)
    {
        // The page and the model lie beside the program, wherever it is started from.
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        var model = builder.Configuration["model"] ?? Path.Combine(AppContext.BaseDirectory, "models", "gosling");

        builder.Services.AddHttpContextAccessor();
        builder.Services.AddRwkvChatCompletion(model, options =>
        {
            options.WarmUp = WarmUp.Background;
            options.MaxRunning = 16;
            options.MaxWait = TimeSpan.FromSeconds(30);
            options.MaximumImageBytes = 4 << 20;
            builder.Configuration.GetSection("Rwkv").Bind(options);
        });
        builder.Services.AddOptions<RwkvOptions>().Configure<IHttpContextAccessor>(static (options, http) => options.CurrentCacheScope = () => Visitor.Of(http.HttpContext));
        builder.Services.AddHealthChecks().AddRwkv();

        var app = builder.Build();
        app.UseFileServer();
        app.Use(Visitor.WelcomeAsync);
        app.MapHealthChecks("/health");
        app.MapPost("/api/chat", ChatEndpoint.AnswerAsync);
        return app;
    }
}
