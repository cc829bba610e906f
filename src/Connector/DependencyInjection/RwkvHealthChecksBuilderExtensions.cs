using Microsoft.Extensions.Diagnostics.HealthChecks;
using RwkvSk.Connector;
using RwkvSk.Connector.DependencyInjection;
using RwkvSk.Connector.Hosting;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Health checks of registered RWKV models.</summary>
public static class RwkvHealthChecksBuilderExtensions
{
    /// <summary>Adds a check that says whether a model is loaded. It never loads one.</summary>
    /// <param name="builder">The health checks.</param>
    /// <param name="name">The check's name.</param>
    /// <param name="serviceId">The id the model was registered under.</param>
    /// <param name="failureStatus">What a model counts as that cannot be loaded; null is <see cref="HealthStatus.Unhealthy"/>.</param>
    /// <param name="tags">Tags to filter by.</param>
    /// <returns>The health checks.</returns>
    public static IHealthChecksBuilder AddRwkv(
        this IHealthChecksBuilder builder, string name = "rwkv", string? serviceId = null, HealthStatus? failureStatus = null, IEnumerable<string>? tags = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Add(new HealthCheckRegistration(
            name,
            provider => new RwkvHealthCheck(RwkvRegistration.Get<IEngineSource>(provider, serviceId), RwkvRegistration.Get<RwkvChatClient>(provider, serviceId).ModelId),
            failureStatus,
            tags));
    }
}
