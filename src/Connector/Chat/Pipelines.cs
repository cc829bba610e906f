using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace RwkvSk.Connector;

/// <summary>Puts telemetry around the leaf.</summary>
internal static class Pipelines
{
    /// <summary>The leaf with a span and measurements for every request.</summary>
    public static IChatClient Observed(RwkvChatClient leaf, ILoggerFactory loggers) =>
        new OpenTelemetryChatClient(leaf, loggers.CreateLogger<OpenTelemetryChatClient>(), leaf.Options.TelemetrySourceName)
        {
            EnableSensitiveData = leaf.Options.EnableSensitiveTelemetry,
        };
}
