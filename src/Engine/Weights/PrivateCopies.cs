using System.Runtime.InteropServices;

namespace RwkvSk.Engine.Weights;

/// <summary>Tensors that cannot be used where the file has them (strided, quantised, misaligned): copied once when first asked for, kept until disposal.</summary>
internal sealed unsafe class PrivateCopies : IDisposable
{
    // A cache line: enough for every vector load and for libtorch's own expectations.
    private const int Alignment = 64;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, (nint Address, int Length)> _copies = new(StringComparer.Ordinal);
    private bool _disposed;

    /// <summary>Writes a tensor's contiguous bytes into <paramref name="destination"/>.</summary>
    public delegate void Fill(Span<byte> destination);

    /// <summary>The copy named <paramref name="name"/>, made by <paramref name="fill"/> on the first call.</summary>
    public ReadOnlySpan<byte> Get(string name, int length, Fill fill, out byte* address)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (!_copies.TryGetValue(name, out var copy))
            {
                var memory = NativeMemory.AlignedAlloc((nuint)Math.Max(length, 1), Alignment);
                try
                {
                    fill(new Span<byte>(memory, length));
                }
                catch
                {
                    NativeMemory.AlignedFree(memory);
                    throw;
                }

                copy = ((nint)memory, length);
                _copies.Add(name, copy);
            }

            address = (byte*)copy.Address;
            return new ReadOnlySpan<byte>(address, copy.Length);
        }
    }

    /// <summary>Frees one copy, if there is one.</summary>
    public void Release(string name)
    {
        lock (_lock)
        {
            if (_copies.Remove(name, out var copy))
            {
                NativeMemory.AlignedFree((void*)copy.Address);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
            foreach (var (address, _) in _copies.Values)
            {
                NativeMemory.AlignedFree((void*)address);
            }

            _copies.Clear();
        }
    }
}
