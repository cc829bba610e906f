using RwkvSk.Engine.Kernels.Cuda.Driver;

namespace RwkvSk.TestKit.Cuda;

/// <summary>What holds of the driver and of its double alike.</summary>
internal static class DriverLaws
{
    /// <summary>A copy of rows with gaps between them leaves the gaps alone, in both directions.</summary>
    public static void RowsThatLieApartAreCopiedAlone(CudaContext context)
    {
        using var buffer = context.Allocate(24);
        using var pinned = context.Pin(12);
        buffer.Write<short>([0, 1, 2, 3, 10, 11, 12, 13, 20, 21, 22, 23]);
        context.Stream.Copy(new PitchedCopy(CopyDirection.ToHost, pinned.Pointer, 4, buffer.Pointer + 2, 8, 4, 3));
        context.Stream.Synchronize();
        Expect([1, 2, 11, 12, 21, 22], pinned.Span<short>());
        pinned.Span<short>().Fill(7);
        context.Stream.Copy(new PitchedCopy(CopyDirection.ToDevice, buffer.Pointer, 8, pinned.Pointer, 4, 4, 3));
        var seen = new short[12];
        buffer.Read<short>(seen);
        Expect([7, 7, 2, 3, 7, 7, 12, 13, 7, 7, 22, 23], seen);
    }

    private static void Expect(ReadOnlySpan<short> expected, ReadOnlySpan<short> found)
    {
        if (!expected.SequenceEqual(found))
        {
            throw new InvalidOperationException($"Expected {string.Join(' ', expected.ToArray())}, found {string.Join(' ', found.ToArray())}.");
        }
    }
}
