using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Xunit;

namespace RwkvSk.Connector.Tests.States;

/// <summary>A Redis server of its own on a free port, which keeps nothing; where none is installed, tests skip.</summary>
public sealed class RedisServer : IAsyncLifetime
{
    private Process? _process;

    /// <summary>Why there is none.</summary>
    public string? Missing { get; private set; }

    /// <summary>What a client is configured with.</summary>
    public string Configuration => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Port}");

    /// <summary>Its port.</summary>
    public int Port { get; private set; }

    public async ValueTask InitializeAsync()
    {
        for (var attempt = 0; attempt < 5 && Missing is null && _process is null; attempt++)
        {
            Port = FreePort();
            await StartAsync();
        }
    }

    /// <summary>Starts it again on its port, empty.</summary>
    public async Task StartAsync()
    {
        var start = new ProcessStartInfo("redis-server") { RedirectStandardOutput = true };
        foreach (var argument in new[] { "--port", Port.ToString(CultureInfo.InvariantCulture), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", Path.GetTempPath() })
        {
            start.ArgumentList.Add(argument);
        }

        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception error)
        {
            Missing = $"redis-server is not installed here ({error.Message})";
            return;
        }

        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.Contains("Ready to accept connections", StringComparison.Ordinal))
            {
                _process = process;
                _ = process.StandardOutput.ReadToEndAsync();   // or it would stop when the pipe is full
                return;
            }
        }

        process.Dispose();   // somebody took the port meanwhile
    }

    /// <summary>Ends it at once.</summary>
    public async Task KillAsync()
    {
        if (_process is { } process)
        {
            _process = null;
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
        }
    }

    public async ValueTask DisposeAsync() => await KillAsync();

    /// <summary>A port nobody listens on.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
