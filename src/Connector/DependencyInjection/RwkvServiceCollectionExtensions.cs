using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using Microsoft.SemanticKernel.ImageToText;
using Microsoft.SemanticKernel.TextGeneration;
using RwkvSk.Connector;
using RwkvSk.Connector.DependencyInjection;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>
/// Adds local RWKV models to a container. Services under the same id share one engine, which is loaded with the first request (or see
/// <see cref="RwkvOptions.WarmUp"/>) and disposed by the container. With <c>services.AddKernel()</c>, a model that is registered under an id has to be
/// asked for by it.
/// </summary>
public static class RwkvServiceCollectionExtensions
{
    /// <summary>Adds a model as <see cref="IChatCompletionService"/> and <see cref="ITextGenerationService"/>.</summary>
    /// <param name="services">The container.</param>
    /// <param name="modelPath">A checkpoint file, or a folder that holds one with its vocabulary.</param>
    /// <param name="configure">How the model runs; null takes the defaults.</param>
    /// <param name="serviceId">The id the services are found by; null registers them without one.</param>
    /// <returns>The container.</returns>
    public static IServiceCollection AddRwkvChatCompletion(this IServiceCollection services, string modelPath, Action<RwkvOptions>? configure = null, string? serviceId = null)
    {
        RwkvRegistration.Add(services, modelPath, configure, serviceId);
        services.AddKeyedSingleton<IChatCompletionService>(serviceId, (provider, _) => RwkvRegistration.Get<RwkvChatCompletionService>(provider, serviceId));
        services.AddKeyedSingleton<ITextGenerationService>(serviceId, (provider, _) => RwkvRegistration.Get<RwkvChatCompletionService>(provider, serviceId));
        return services;
    }

    /// <summary>Adds a model as <see cref="IImageToTextService"/>.</summary>
    /// <param name="services">The container.</param>
    /// <param name="modelPath">A checkpoint file, or a folder that holds one with its vocabulary.</param>
    /// <param name="configure">How the model runs; null takes the defaults.</param>
    /// <param name="serviceId">The id the service is found by; null registers it without one.</param>
    /// <returns>The container.</returns>
    public static IServiceCollection AddRwkvImageToText(this IServiceCollection services, string modelPath, Action<RwkvOptions>? configure = null, string? serviceId = null)
    {
        RwkvRegistration.Add(services, modelPath, configure, serviceId);
        services.AddKeyedSingleton<IImageToTextService>(serviceId, (provider, _) => new RwkvImageToTextService(
            RwkvRegistration.Get<RwkvChatCompletionService>(provider, serviceId), RwkvRegistration.Get<RwkvChatClient>(provider, serviceId).Options));
        return services;
    }

    /// <summary>
    /// Adds a model as <see cref="IChatClient"/>, with telemetry and with Semantic Kernel's function invocation, for kernels, pipelines and agents. The
    /// bare client, which invokes nothing, is registered as <see cref="RwkvChatClient"/>.
    /// </summary>
    /// <param name="services">The container.</param>
    /// <param name="modelPath">A checkpoint file, or a folder that holds one with its vocabulary.</param>
    /// <param name="configure">How the model runs; null takes the defaults.</param>
    /// <param name="serviceId">The id the client is found by; null registers it without one.</param>
    /// <returns>The container.</returns>
    public static IServiceCollection AddRwkvChatClient(this IServiceCollection services, string modelPath, Action<RwkvOptions>? configure = null, string? serviceId = null)
    {
        RwkvRegistration.Add(services, modelPath, configure, serviceId);
        services.AddKeyedSingleton<IChatClient>(serviceId, (provider, _) =>
        {
            var loggers = provider.GetService<ILoggerFactory>() ?? NullLoggerFactory.Instance;
            return Pipelines.Observed(RwkvRegistration.Get<RwkvChatClient>(provider, serviceId), loggers).AsBuilder().UseKernelFunctionInvocation(loggers).Build(provider);
        });
        return services;
    }
}
