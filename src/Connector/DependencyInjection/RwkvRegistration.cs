using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using RwkvSk.Connector.Hosting;
using RwkvSk.Engine;

namespace RwkvSk.Connector.DependencyInjection;

/// <summary>What the services of one id share: their options, their engine, their client. Registered once per id, however many services are added.</summary>
internal sealed record RwkvRegistration(string? ServiceId, string ModelPath)
{
    /// <summary>Registers what is shared; what is there already stays.</summary>
    /// <exception cref="ArgumentException">The id already stands for another model.</exception>
    public static void Add(IServiceCollection services, string modelPath, Action<RwkvOptions>? configure, string? serviceId)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrWhiteSpace(modelPath);

        var optionsName = serviceId ?? Options.DefaultName;
        var options = services.AddOptions<RwkvOptions>(optionsName);
        if (configure is not null)
        {
            options.Configure(configure);
        }

        var present = services.Select(static descriptor => descriptor.IsKeyedService ? null : descriptor.ImplementationInstance)
            .OfType<RwkvRegistration>().FirstOrDefault(registration => registration.ServiceId == serviceId);
        if (present is not null)
        {
            if (present.ModelPath != modelPath)
            {
                throw new ArgumentException(
                    $"The service id {(serviceId is null ? "(none)" : $"'{serviceId}'")} already stands for the model '{present.ModelPath}'; give '{modelPath}' a service id of its own.", nameof(modelPath));
            }

            return;
        }

        services.AddSingleton(new RwkvRegistration(serviceId, modelPath));

        // The path comes before what the caller configures, so that configuration may override it.
        services.Insert(0, ServiceDescriptor.Singleton<IConfigureOptions<RwkvOptions>>(new ConfigureNamedOptions<RwkvOptions>(optionsName, o => o.ModelPath = modelPath)));
        options.ValidateDataAnnotations().ValidateOnStart();
        ModelFileCheck.Add(services, optionsName);

        services.TryAddKeyedSingleton<IEngineSource>(serviceId, (provider, _) => CreateSource(provider, optionsName));
        services.TryAddKeyedSingleton(serviceId, (provider, _) => new RwkvChatClient(
            Get<IEngineSource>(provider, serviceId), OptionsOf(provider, optionsName), provider.GetService<ILoggerFactory>(), ownsSource: false));
        services.TryAddKeyedSingleton(serviceId, (provider, _) => new RwkvChatCompletionService(Get<RwkvChatClient>(provider, serviceId), provider.GetService<ILoggerFactory>()));
        services.AddSingleton<IHostedService>(provider => new WarmUpService(
            Get<IEngineSource>(provider, serviceId), Get<RwkvChatClient>(provider, serviceId), OptionsOf(provider, optionsName), provider.GetService<ILogger<WarmUpService>>()));
    }

    /// <summary>A service by its id; a container keeps services with no id unkeyed.</summary>
    public static T Get<T>(IServiceProvider provider, string? serviceId)
        where T : notnull =>
        serviceId is null ? provider.GetRequiredService<T>() : provider.GetRequiredKeyedService<T>(serviceId);

    /// <summary>The options of one id.</summary>
    public static RwkvOptions OptionsOf(IServiceProvider provider, string name) => provider.GetRequiredService<IOptionsMonitor<RwkvOptions>>().Get(name);

    private static LazyEngine CreateSource(IServiceProvider provider, string name)
    {
        var options = OptionsOf(provider, name);
        var loggers = provider.GetService<ILoggerFactory>();
        return new LazyEngine(() => RwkvEngine.Load(options.ModelPath, options.ToEngineOptions(), loggers));
    }
}
