using RwkvSk.Engine.Scheduling;

namespace RwkvSk.TestKit;

/// <summary>A picture that a fake runner "encoded": a number made of its bytes. Notices when it is used after it was freed.</summary>
internal sealed class FakeImageEmbeddings(int positions, uint content) : IImageEmbeddings, IDisposable
{
    public int Positions => positions;

    public long Bytes { get; init; } = 1000;

    public bool IsDisposed { get; private set; }

    public uint Content => IsDisposed ? throw new ObjectDisposedException(nameof(FakeImageEmbeddings)) : content;

    public void Dispose() => IsDisposed = true;
}
