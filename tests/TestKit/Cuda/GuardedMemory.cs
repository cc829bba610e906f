using System.Runtime.InteropServices;

namespace RwkvSk.TestKit.Cuda;

/// <summary>Host memory that stands for a device's: filled with what no number is (an uninitialised read shows), with zones around it that show writes outside.</summary>
internal sealed unsafe class GuardedMemory
{
    private const int Zone = 256;
    private const byte Untouched = 0xFF, Guard = 0xA5;

    private readonly SortedList<nint, long> _live = [];

    /// <summary>Bytes that are taken.</summary>
    public long Bytes { get; private set; }

    /// <summary>How many pieces are taken.</summary>
    public int Count => _live.Count;

    /// <summary>Takes a piece.</summary>
    public nint Take(long bytes)
    {
        var start = (byte*)NativeMemory.AlignedAlloc((nuint)(bytes + (2 * Zone)), Zone);
        NativeMemory.Fill(start, Zone, Guard);
        NativeMemory.Fill(start + Zone, (nuint)bytes, Untouched);
        NativeMemory.Fill(start + Zone + bytes, Zone, Guard);
        _live.Add((nint)(start + Zone), bytes);
        Bytes += bytes;
        return (nint)(start + Zone);
    }

    /// <summary>Gives a piece back.</summary>
    /// <param name="pointer">Where it begins.</param>
    /// <param name="damage">Says that somebody wrote outside; null if nobody did.</param>
    /// <returns>False if there is no such piece.</returns>
    public bool Free(nint pointer, out string? damage)
    {
        damage = null;
        if (!_live.Remove(pointer, out var bytes))
        {
            return false;
        }

        var before = new ReadOnlySpan<byte>((byte*)pointer - Zone, Zone);
        var after = new ReadOnlySpan<byte>((byte*)pointer + bytes, Zone);
        damage = before.ContainsAnyExcept(Guard) ? $"written before a piece of {bytes} bytes" : after.ContainsAnyExcept(Guard) ? $"written behind a piece of {bytes} bytes" : null;
        NativeMemory.AlignedFree((byte*)pointer - Zone);
        Bytes -= bytes;
        return true;
    }

    /// <summary>Whether the bytes lie inside one piece.</summary>
    public bool Contains(nint pointer, long bytes)
    {
        for (int low = 0, high = _live.Count - 1; low <= high;)
        {
            var middle = (low + high) / 2;
            var (start, length) = (_live.GetKeyAtIndex(middle), _live.GetValueAtIndex(middle));
            if (pointer >= start && pointer < start + (nint)length)
            {
                return pointer + (nint)bytes <= start + (nint)length;
            }

            (low, high) = pointer < start ? (low, middle - 1) : (middle + 1, high);
        }

        return false;
    }
}
