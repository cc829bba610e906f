namespace RwkvSk.Engine.Kernels.Cuda.Driver;

/// <summary>Launches and copies that were recorded once and run as one. Addresses and arguments are those of the recording, so what changes from run to run lies in memory.</summary>
internal sealed class CudaGraph : IDisposable
{
    private readonly CudaContext _context;
    private readonly nint _executable;
    private bool _isDisposed;

    private CudaGraph(CudaContext context, nint executable) => (_context, _executable) = (context, executable);

    /// <summary>Puts the graph on the stream.</summary>
    public void Launch()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        _context.Check(_context.Driver.LaunchGraph(_executable, _context.Stream.Handle), "cuGraphLaunch");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_isDisposed && _context.Release(this))
        {
            _ = _context.Driver.DestroyExecutable(_executable);
        }

        _isDisposed = true;
    }

    internal static CudaGraph Capture(CudaContext context, Action record)
    {
        var (driver, stream) = (context.Driver, context.Stream.Handle);
        context.Check(driver.BeginCapture(stream), "cuStreamBeginCapture");
        nint graph;
        try
        {
            record();
        }
        catch
        {
            // The stream must not stay in recording, whatever it was that failed.
            if (driver.EndCapture(stream, out graph) == CudaStatus.Success)
            {
                _ = driver.DestroyGraph(graph);
            }

            throw;
        }

        context.Check(driver.EndCapture(stream, out graph), "cuStreamEndCapture");
        var status = driver.Instantiate(graph, out var executable);
        _ = driver.DestroyGraph(graph);
        context.Check(status, "cuGraphInstantiate");
        return new CudaGraph(context, executable);
    }
}
