using System.Runtime.CompilerServices;

namespace RwkvSk.Engine.Kernels.Cuda.Driver;

/// <summary>
/// A kernel's arguments in the order of its parameters. Each begins on eight bytes; what it is, the kernel alone knows. Lives on the stack and may be used for several launches.
/// </summary>
internal ref struct KernelArguments
{
    private const int Words = 96, Most = 48;

    private Storage _storage;
    private Offsets _offsets;
    private int _words;

    /// <summary>How many there are.</summary>
    public int Count { get; private set; }

    /// <summary>Adds one: a pointer, a number, or a structure of them.</summary>
    public void Add<T>(T value)
        where T : unmanaged
    {
        var words = (Unsafe.SizeOf<T>() + 7) / 8;
        if (Count == Most || _words + words > Words)
        {
            throw new InvalidOperationException($"A kernel takes at most {Most} arguments of {Words * 8} bytes together.");
        }

        Unsafe.WriteUnaligned(ref Unsafe.As<ulong, byte>(ref _storage[_words]), value);
        _offsets[Count++] = (byte)_words;
        _words += words;
    }

    /// <summary>Puts the kernel on a stream with these arguments.</summary>
    internal unsafe CudaStatus Launch(ICudaDriver driver, nint function, in LaunchShape shape, nint stream)
    {
        var pointers = stackalloc void*[Most];
        fixed (ulong* first = &_storage[0])
        {
            for (var i = 0; i < Count; i++)
            {
                pointers[i] = first + _offsets[i];
            }

            return driver.Launch(function, shape, pointers, stream);
        }
    }

    [InlineArray(Words)]
    private struct Storage
    {
        private ulong _first;
    }

    [InlineArray(Most)]
    private struct Offsets
    {
        private byte _first;
    }
}
