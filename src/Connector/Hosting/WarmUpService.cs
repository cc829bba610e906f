using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using RwkvSk.Connector.Diagnostics;
using RwkvSk.Engine;
using RwkvSk.Engine.Prompts;

namespace RwkvSk.Connector.Hosting;

/// <summary>Loads a model when the host starts and lets it read a word and its personas, so that the first request waits for nothing.</summary>
internal sealed class WarmUpService(IEngineSource source, RwkvChatClient client, RwkvOptions options, ILogger<WarmUpService>? logger) : IHostedService, IDisposable
{
    private readonly ILogger _logger = logger ?? NullLogger<WarmUpService>.Instance;
    private readonly CancellationTokenSource _stopping = new();
    private Task _running = Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        switch (options.WarmUp)
        {
            case WarmUp.Blocking:
                return WarmAsync(cancellationToken);
            case WarmUp.Background:
                _running = WarmInBackgroundAsync();
                break;
        }

        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _running.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public void Dispose() => _stopping.Dispose();

    private async Task WarmInBackgroundAsync()
    {
        try
        {
            await WarmAsync(_stopping.Token).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // Nobody awaits this: the failure is logged, seen by the health check, and met again by the first request.
        catch (Exception error) when (error is not OperationCanceledException)
#pragma warning restore CA1031
        {
            RwkvLog.WarmUpFailed(_logger, error, options.EffectiveModelId);
        }
    }

    private async Task WarmAsync(CancellationToken cancellationToken)
    {
        RwkvLog.WarmingUp(_logger, options.EffectiveModelId);
        var engine = await source.GetAsync(cancellationToken).ConfigureAwait(false);
        await foreach (var _ in engine.GenerateAsync(new Prompt("User: Hi\n\n"), new GenerationOptions { MaximumTokens = 1 }, cancellationToken).ConfigureAwait(false))
        {
        }

        await client.PrimePersonasAsync(cancellationToken).ConfigureAwait(false);
    }
}
