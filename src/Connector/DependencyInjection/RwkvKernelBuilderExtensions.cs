using Microsoft.Extensions.DependencyInjection;
using RwkvSk.Connector;

namespace Microsoft.SemanticKernel;

/// <summary>Adds local RWKV models to a kernel. See <see cref="RwkvServiceCollectionExtensions"/>.</summary>
public static class RwkvKernelBuilderExtensions
{
    /// <summary>Adds a model as chat completion and text generation.</summary>
    /// <param name="builder">The kernel's builder.</param>
    /// <param name="modelPath">A checkpoint file, or a folder that holds one with its vocabulary.</param>
    /// <param name="configure">How the model runs; null takes the defaults.</param>
    /// <param name="serviceId">The id the services are found by; null registers them without one.</param>
    /// <returns>The builder.</returns>
    public static IKernelBuilder AddRwkvChatCompletion(this IKernelBuilder builder, string modelPath, Action<RwkvOptions>? configure = null, string? serviceId = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddRwkvChatCompletion(modelPath, configure, serviceId);
        return builder;
    }

    /// <summary>Adds a model as image-to-text.</summary>
    /// <param name="builder">The kernel's builder.</param>
    /// <param name="modelPath">A checkpoint file, or a folder that holds one with its vocabulary.</param>
    /// <param name="configure">How the model runs; null takes the defaults.</param>
    /// <param name="serviceId">The id the service is found by; null registers it without one.</param>
    /// <returns>The builder.</returns>
    public static IKernelBuilder AddRwkvImageToText(this IKernelBuilder builder, string modelPath, Action<RwkvOptions>? configure = null, string? serviceId = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddRwkvImageToText(modelPath, configure, serviceId);
        return builder;
    }

    /// <summary>Adds a model as chat client, with telemetry and function invocation.</summary>
    /// <param name="builder">The kernel's builder.</param>
    /// <param name="modelPath">A checkpoint file, or a folder that holds one with its vocabulary.</param>
    /// <param name="configure">How the model runs; null takes the defaults.</param>
    /// <param name="serviceId">The id the client is found by; null registers it without one.</param>
    /// <returns>The builder.</returns>
    public static IKernelBuilder AddRwkvChatClient(this IKernelBuilder builder, string modelPath, Action<RwkvOptions>? configure = null, string? serviceId = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddRwkvChatClient(modelPath, configure, serviceId);
        return builder;
    }
}
