using RwkvSk.Engine.Kernels.Cuda.Driver;
using RwkvSk.Engine.Kernels.Cuda.Parameters;

namespace RwkvSk.Engine.Kernels.Cuda;

/// <summary>The kernels of <c>Sources/kernels.cu</c> on a GPU: their names, and how many blocks of them run. Everything is put on the context's stream.</summary>
internal sealed unsafe class CudaKernels
{
    /// <summary>Threads of a block, of every kernel.</summary>
    public const int Threads = 256;

    /// <summary>Most channels of a head, which must be a multiple of four.</summary>
    public const int MostHeadSize = 128;

    /// <summary>Rows of a dense matrix that a warp takes at once; columns it takes at once, of a sparse one too.</summary>
    public const int GroupRows = 4, TileColumns = 256;

    /// <summary>Rows of a sparse matrix that a block takes in a round.</summary>
    public const int SparseRows = 256;

    // Blocks that one position's sparse product needs to fill a large GPU: with more, their sums cost more than they gain.
    private const int EnoughBlocks = 256;

    private const int ThinRows = 32, FewColumns = 4, ElementsOfThread = 4;

    private static readonly int[] ProductColumns = [1, 2, 4, 8];
    private readonly CudaContext _context;
    private readonly CudaFunction _embed, _normMix, _choose, _span6, _span7, _elements;
    private readonly CudaFunction[] _products, _sparse, _heads7, _mix6, _heads6;

    /// <summary>Translates the kernels for the context's device.</summary>
    public CudaKernels(CudaContext context)
    {
        _context = context;
        var module = context.Load(Ptx());
        (_embed, _normMix, _choose) = (module.Function("embed"), module.Function("norm_mix"), module.Function("choose"));
        (_span6, _span7, _elements) = (module.Function("span_6"), module.Function("span_7"), module.Function("elements"));
        _products = [.. ProductColumns.Select(columns => module.Function($"products_{columns}"))];
        _sparse = [.. ProductColumns.Select(columns => module.Function($"sparse_product_{columns}"))];
        _heads7 = [module.Function("heads7_1"), module.Function($"heads7_{FewColumns}")];
        _mix6 = [module.Function("mix6_1"), module.Function($"mix6_{FewColumns}")];
        _heads6 = [module.Function("heads6_1"), module.Function($"heads6_{FewColumns}")];
    }

    /// <summary>The kernels' text, as <c>Sources/build.sh</c> makes it.</summary>
    public static byte[] Ptx()
    {
        using var stream = typeof(CudaKernels).Assembly.GetManifestResourceStream("RwkvSk.Engine.Kernels.Cuda.kernels.ptx")!;
        var ptx = new byte[stream.Length];
        stream.ReadExactly(ptx);
        return ptx;
    }

    /// <summary>The number of positions to run with, to have room for so many: up to 8 the powers of two, whose vectors fit one pass over the weights; then whole passes.</summary>
    public static int BucketFor(int positions) => positions switch
    {
        <= 1 => 1,
        <= 2 => 2,
        <= 4 => 4,
        <= 8 => 8,
        <= 16 => 16,
        _ => (positions + 31) / 32 * 32,
    };

    /// <summary>Blocks per pass over a dense matrix.</summary>
    public static int BlocksOf(in DenseProduct product) => DivideUp(DivideUp(product.Rows, GroupRows), Threads / 32 / product.Split);

    /// <summary>How many times 256 rows a block of a sparse product takes. It depends on the matrix alone, so the sums' order does too.</summary>
    public static int SparseRounds(int tiles, int inner) => Math.Max(1, tiles * DivideUp(inner, SparseRows) / EnoughBlocks);

    /// <summary>Sums of a sparse product that blocks keep apart, per position and channel.</summary>
    public static int SparseSplits(int inner, int rounds) => DivideUp(inner, SparseRows * rounds);

    public void Embed(in Embed parameters, int positions) => Launch(_embed, Grid(DivideUp(parameters.Width, Threads), positions), parameters);

    public void NormMix(in NormMix parameters, int positions) => Launch(_normMix, Grid(DivideUp(parameters.Width, Threads), positions), parameters);

    /// <param name="parameters">The first blocks of the matrices follow each other.</param>
    /// <param name="positions">A bucket's.</param>
    public void Products(in Products parameters, int positions)
    {
        ref readonly var last = ref parameters.Items[parameters.Count - 1];
        var columns = Math.Min(8, positions);
        Launch(_products[Array.IndexOf(ProductColumns, columns)], Grid(positions / columns, last.FirstBlock + BlocksOf(last)), parameters);
    }

    public void Sparse(in SparseProduct parameters, int positions)
    {
        var columns = Math.Min(8, positions);
        Launch(_sparse[Array.IndexOf(ProductColumns, columns)], Grid(positions / columns, parameters.Tiles, SparseSplits(parameters.Inner, parameters.Rounds)), parameters);
    }

    /// <param name="elements">Up to eight that do not depend on each other; none is no launch.</param>
    /// <param name="positions">A bucket's.</param>
    public void Elements(ReadOnlySpan<Elements> elements, int positions)
    {
        if (elements.Length == 0)
        {
            return;
        }

        var (group, width) = (new ElementGroup { Count = elements.Length }, 0);
        for (var i = 0; i < elements.Length; i++)
        {
            (group.Items[i], width) = (elements[i], Math.Max(width, elements[i].Width));
        }

        Launch(_elements, Grid(DivideUp(width, ElementsOfThread * Threads), positions, elements.Length), group);
    }

    public void Heads7(in Heads7 parameters, int heads, int positions)
    {
        var columns = ThinColumns(positions);
        Launch(_heads7[columns / FewColumns], Grid(heads, positions / columns, shared: ((4 * columns) + 7) * parameters.Size), parameters);
    }

    public void Mix6(in Mix6 parameters, int positions)
    {
        var columns = ThinColumns(positions);
        Launch(_mix6[columns / FewColumns], Grid(DivideUp(parameters.Width, ThinRows), positions / columns), parameters);
    }

    public void Heads6(in Heads6 parameters, int heads, int positions)
    {
        var columns = ThinColumns(positions);
        Launch(_heads6[columns / FewColumns], Grid(heads, positions / columns, shared: (columns + 6 + 16) * parameters.Size), parameters);
    }

    public void Choose(in Choose parameters, int positions) => Launch(_choose, Grid(positions, 1), parameters);

    /// <summary>RWKV-7's recurrence over spans of <paramref name="batch"/> sequences, on libtorch's stream, for the vectors are libtorch's.</summary>
    public void Span7(in SpanOfPositions parameters, int batch) => Span(_span7, parameters, batch);

    /// <summary>RWKV-6's.</summary>
    public void Span6(in SpanOfPositions parameters, int batch) => Span(_span6, parameters, batch);

    // The one kernel whose caller is libtorch's side: it may be the first to use the device on its thread.
    private void Span(CudaFunction function, in SpanOfPositions span, int batch)
    {
        _context.MakeCurrent();
        Launch(function, Grid(span.Heads, batch, DivideUp(span.Size, 16), 16 * 6 * span.Size), span, _context.DefaultStream);
    }

    // Few positions want as many blocks as there can be, many want to share what they read.
    private static int ThinColumns(int positions) => positions > 8 ? FewColumns : 1;

    private static int DivideUp(int value, int by) => (value + by - 1) / by;

    // shared: numbers.
    private static LaunchShape Grid(int x, int y, int z = 1, int shared = 0) => new((uint)x, (uint)y, (uint)z, Threads, 1, 1, (uint)shared * sizeof(float));

    private void Launch<T>(CudaFunction function, in LaunchShape shape, in T parameters, CudaStream? stream = null)
        where T : unmanaged
    {
        fixed (T* only = &parameters)
        {
            void* arguments = only;
            (stream ?? _context.Stream).Launch(function, shape, &arguments);
        }
    }
}
