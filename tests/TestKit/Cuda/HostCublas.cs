using RwkvSk.Engine.Kernels.Cuda.Driver;

namespace RwkvSk.TestKit.Cuda;

/// <summary>
/// cuBLAS over a <see cref="HostDriver"/>'s memory and streams: 16-bit numbers are read as they are, sums are fp32. As strict as the real one may be: it wants a current
/// context and device memory, gives a workspace back when the stream is set, and refuses to be recorded without a workspace of the caller's or when a shape comes for the
/// first time, for then the real one may take memory or load a kernel. Fails when it is told to.
/// </summary>
internal sealed unsafe class HostCublas(HostDriver driver) : ICublas
{
    private readonly Dictionary<nint, (nint Stream, nint Workspace)> _handles = [];
    private readonly HashSet<MatrixProduct> _seen = [];
    private nint _next = 0x100;

    /// <summary>The call, counted from 1 and without those that free, which fails; 0 for none.</summary>
    public int FailAt { get; set; }

    /// <summary>How it fails.</summary>
    public CublasStatus FailWith { get; set; } = CublasStatus.ExecutionFailed;

    /// <summary>Calls so far, without those that free.</summary>
    public int Calls { get; private set; }

    /// <summary>Handles that somebody has yet to give back.</summary>
    public int LiveHandles => _handles.Count;

    /// <summary>Products that were put on a stream or into a recording.</summary>
    public List<MatrixProduct> Products { get; } = [];

    /// <inheritdoc/>
    public CublasStatus Create(out nint handle)
    {
        handle = 0;
        if (Enter() is not CublasStatus.Success and var failed)
        {
            return failed;
        }

        if (driver.IsRecording)
        {
            return Spoil();
        }

        handle = _next += 0x10;
        _handles.Add(handle, (0, 0));
        return CublasStatus.Success;
    }

    /// <inheritdoc/>
    public CublasStatus SetStream(nint handle, nint stream)
    {
        if (Enter() is not CublasStatus.Success and var failed)
        {
            return failed;
        }

        if (!_handles.ContainsKey(handle))
        {
            return CublasStatus.NotInitialized;
        }

        _handles[handle] = (stream, 0);
        return CublasStatus.Success;
    }

    /// <inheritdoc/>
    public CublasStatus SetWorkspace(nint handle, nint workspace, long bytes)
    {
        if (Enter() is not CublasStatus.Success and var failed)
        {
            return failed;
        }

        if (!_handles.TryGetValue(handle, out var known) || workspace % 256 != 0 || !driver.OnDevice(workspace, bytes))
        {
            return CublasStatus.InvalidValue;
        }

        _handles[handle] = (known.Stream, workspace);
        return CublasStatus.Success;
    }

    /// <inheritdoc/>
    public CublasStatus Multiply(nint handle, in MatrixProduct product)
    {
        if (Enter() is not CublasStatus.Success and var failed)
        {
            return failed;
        }

        if (!_handles.TryGetValue(handle, out var known))
        {
            return CublasStatus.NotInitialized;
        }

        var p = product;
        if (!IsAllowed(p))
        {
            return CublasStatus.InvalidValue;
        }

        if ((_seen.Add(p with { A = 0, B = 0, C = 0 }) || known.Workspace == 0) && driver.IsRecording)
        {
            return Spoil();
        }

        Products.Add(p);
        return driver.Queue(known.Stream, "cublasGemmEx", () => Run(p)) == CudaStatus.Success ? CublasStatus.Success : CublasStatus.ExecutionFailed;
    }

    /// <inheritdoc/>
    public CublasStatus Destroy(nint handle) => _handles.Remove(handle) ? CublasStatus.Success : CublasStatus.NotInitialized;

    private static int Size(CublasType type) => type == CublasType.Float32 ? sizeof(float) : sizeof(ushort);

    // Columns [count, stride], the last without its gap, from a stretch of memory.
    private static float[] Columns(nint from, CublasType type, int count, int length, int stride)
    {
        var numbers = new float[(long)count * length];
        for (var column = 0; column < count; column++)
        {
            var to = numbers.AsSpan(column * length, length);
            if (type == CublasType.Float32)
            {
                new ReadOnlySpan<float>((float*)from + ((long)column * stride), length).CopyTo(to);
                continue;
            }

            var words = new ReadOnlySpan<ushort>((ushort*)from + ((long)column * stride), length);
            for (var i = 0; i < length; i++)
            {
                to[i] = type == CublasType.Float16 ? (float)BitConverter.UInt16BitsToHalf(words[i]) : BitConverter.UInt32BitsToSingle((uint)words[i] << 16);
            }
        }

        return numbers;
    }

    private static void Run(MatrixProduct p)
    {
        var a = Columns(p.A, p.Type, p.TurnsA ? p.Rows : p.Inner, p.TurnsA ? p.Inner : p.Rows, p.StrideA);
        var b = Columns(p.B, p.Type, p.Columns, p.Inner, p.StrideB);
        for (var column = 0; column < p.Columns; column++)
        {
            var c = new Span<float>((float*)p.C + ((long)column * p.StrideC), p.Rows);
            var x = b.AsSpan(column * p.Inner, p.Inner);
            for (var row = 0; row < p.Rows; row++)
            {
                var sum = 0f;
                for (var k = 0; k < p.Inner; k++)
                {
                    sum += (p.TurnsA ? a[(row * p.Inner) + k] : a[(k * p.Rows) + row]) * x[k];
                }

                c[row] = p.Adds ? c[row] + sum : sum;   // not read where it is not added to: it may be no number
            }
        }
    }

    private bool IsAllowed(in MatrixProduct p)
    {
        var (columnsOfA, lengthOfA) = p.TurnsA ? (p.Rows, p.Inner) : (p.Inner, p.Rows);
        return p is { Rows: > 0, Columns: > 0, Inner: > 0 } && p.StrideA >= lengthOfA && p.StrideB >= p.Inner && p.StrideC >= p.Rows
            && driver.OnDevice(p.A, Extent(columnsOfA, lengthOfA, p.StrideA, Size(p.Type)))
            && driver.OnDevice(p.B, Extent(p.Columns, p.Inner, p.StrideB, Size(p.Type)))
            && driver.OnDevice(p.C, Extent(p.Columns, p.Rows, p.StrideC, sizeof(float)));

        static long Extent(int columns, int length, int stride, int size) => (((columns - 1L) * stride) + length) * size;
    }

    private CublasStatus Enter() => ++Calls == FailAt ? FailWith : CublasStatus.Success;

    private CublasStatus Spoil()
    {
        driver.SpoilRecording();
        return CublasStatus.NotSupported;
    }
}
