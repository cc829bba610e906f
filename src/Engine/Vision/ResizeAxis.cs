using System.Collections.Concurrent;

namespace RwkvSk.Engine.Vision;

/// <summary>
/// The weights of one resize axis: which source pixels make which target pixel. For target pixel i the centre lies at c = (i + 0.5) * scale with
/// scale = source / target; source pixels in [c - r, c + r), r = reach * max(scale, 1), weigh f((x - c + 0.5) / max(scale, 1)), normalised to
/// sum 1 in double precision and then rounded to 22 fractional bits, which is what Pillow computes.
/// </summary>
internal sealed class ResizeAxis
{
    /// <summary>Fractional bits of a weight: 32 less 8 bits of pixel and 2 of headroom for kernels that overshoot.</summary>
    public const int FractionBits = 22;

    // Tables are small (about 130 KB for 8000 -> 336), but sizes come from callers' pictures: the cache starts anew rather than grow without end.
    private const int MaximumCached = 32;

    private static readonly ConcurrentDictionary<(int Source, long Target, long First, int Count, ResizeFilter Filter), ResizeAxis> Cache = new();

    private readonly int[] _starts;
    private readonly int[] _lengths;
    private readonly int[] _weights;
    private readonly int _stride;

    private ResizeAxis(int source, long target, long first, int count, ResizeFilter filter)
    {
        var scale = (double)source / target;
        var stretch = Math.Max(scale, 1);
        var inverseStretch = 1 / stretch;
        var radius = Reach(filter) * stretch;

        Count = count;
        _starts = new int[count];
        _lengths = new int[count];
        _stride = ((int)Math.Ceiling(radius) * 2) + 1;
        _weights = new int[checked(count * _stride)];
        var exact = new double[_stride];
        for (var i = 0; i < count; i++)
        {
            var centre = (first + i + 0.5) * scale;
            var low = Math.Max(0, (int)(centre - radius + 0.5));
            var high = Math.Min(source, (int)(centre + radius + 0.5));
            var sum = 0.0;
            for (var x = low; x < high; x++)
            {
                exact[x - low] = Kernel(filter, (x - centre + 0.5) * inverseStretch);
                sum += exact[x - low];
            }

            var row = _weights.AsSpan(i * _stride, _stride);
            for (var x = 0; x < high - low; x++)
            {
                var scaled = (sum == 0 ? exact[x] : exact[x] / sum) * (1 << FractionBits);
                row[x] = (int)(scaled + (scaled < 0 ? -0.5 : 0.5));
            }

            TrimZeros(row[..(high - low)], low, out _starts[i], out _lengths[i]);
        }
    }

    /// <summary>How many target pixels the table covers.</summary>
    public int Count { get; }

    /// <summary>The first source pixel that any target pixel needs.</summary>
    public int FirstSource => _starts.Min();

    /// <summary>One past the last source pixel that any target pixel needs.</summary>
    public int EndSource => Enumerable.Range(0, Count).Max(i => _starts[i] + _lengths[i]);

    /// <summary>Weights for target pixels [<paramref name="first"/>, <paramref name="first"/> + <paramref name="count"/>) of a whole of <paramref name="target"/>.</summary>
    public static ResizeAxis For(int source, long target, long first, int count, ResizeFilter filter)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(source);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(first + count, target);

        var key = (source, target, first, count, filter);
        if (Cache.TryGetValue(key, out var known))
        {
            return known;
        }

        if (Cache.Count >= MaximumCached)
        {
            Cache.Clear();
        }

        return Cache.GetOrAdd(key, new ResizeAxis(source, target, first, count, filter));
    }

    /// <summary>The fixed-point weights of one target pixel, the first of them for source pixel <paramref name="start"/>.</summary>
    public ReadOnlySpan<int> Weights(int i, out int start)
    {
        start = _starts[i];
        return _weights.AsSpan(i * _stride, _lengths[i]);
    }

    // A weight that rounds to zero changes nothing; without them an axis that keeps its size costs one multiplication per pixel.
    private static void TrimZeros(Span<int> row, int low, out int start, out int length)
    {
        var lead = row.IndexOfAnyExcept(0);
        var tail = row.LastIndexOfAnyExcept(0);
        start = low + Math.Max(lead, 0);
        length = tail - lead + (lead < 0 ? 0 : 1);
        row.Slice(Math.Max(lead, 0), length).CopyTo(row);
    }

    private static double Reach(ResizeFilter filter) => filter switch
    {
        ResizeFilter.Bilinear => 1,
        ResizeFilter.Bicubic => 2,
        ResizeFilter.Lanczos3 => 3,
        _ => throw new ArgumentOutOfRangeException(nameof(filter), filter, null),
    };

    private static double Kernel(ResizeFilter filter, double x)
    {
        x = Math.Abs(x);
        return filter switch
        {
            ResizeFilter.Bilinear => x < 1 ? 1 - x : 0,
            ResizeFilter.Bicubic => x < 1 ? ((((1.5 * x) - 2.5) * x * x) + 1) : x < 2 ? ((((x - 5) * x) + 8) * x - 4) * -0.5 : 0,
            _ => x < 3 ? Sinc(x) * Sinc(x / 3) : 0,
        };
    }

    private static double Sinc(double x) => x == 0 ? 1 : Math.Sin(x * Math.PI) / (x * Math.PI);
}
