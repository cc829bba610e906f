using RwkvSk.Engine.Scheduling;
using RwkvSk.TestKit;

namespace RwkvSk.Engine.Tests.Scheduling;

/// <summary>Holds the engine's loop before its first step, or the first of a kind, until it is opened.</summary>
internal sealed class LoopGate : IDisposable
{
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ManualResetEventSlim _open = new();

    public LoopGate(FakeModelRunner runner, Func<Batch, bool>? where = null) => runner.BeforeStep = batch =>
    {
        if (where is null || where(batch))
        {
            _reached.TrySetResult();
            _open.Wait();
        }
    };

#pragma warning disable VSTHRD003 // the loop's thread completes it
    public Task Reached => _reached.Task;
#pragma warning restore VSTHRD003

    public void Open() => _open.Set();

    // The event itself is left to the collector: the loop may still stand at it.
    public void Dispose() => _open.Set();
}
