using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace RwkvSk.Connector.Hosting;

/// <summary>Says whether a model answers: healthy when loaded, degraded before, unhealthy when it could not be loaded. It never loads one.</summary>
internal sealed class RwkvHealthCheck(IEngineSource source, string modelId) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var data = new Dictionary<string, object> { ["model"] = modelId, ["state"] = source.State.ToString() };
        if (source.Loaded is { } engine)
        {
            data["device"] = engine.Model.Device;
            data["parameters"] = engine.Model.ParameterCount;
            data["requests"] = engine.LiveRequests;
            data["stateBytes"] = engine.Model.State.Bytes;
        }

        return Task.FromResult(source.State switch
        {
            EngineState.Ready => HealthCheckResult.Healthy($"The model '{modelId}' is loaded.", data),
            EngineState.NotLoaded => HealthCheckResult.Degraded($"The model '{modelId}' is loaded with its first request.", data: data),
            EngineState.Loading => HealthCheckResult.Degraded($"The model '{modelId}' is being loaded.", data: data),
            EngineState.Faulted => new HealthCheckResult(context.Registration.FailureStatus, $"The model '{modelId}' could not be loaded.", source.Failure, data),
            _ => new HealthCheckResult(context.Registration.FailureStatus, $"The model '{modelId}' is disposed.", data: data),
        });
    }
}
