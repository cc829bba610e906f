using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace RwkvSk.Engine.Vision;

/// <summary>
/// Antialiased resizing of 8-bit RGB, equal to Pillow's to the byte: columns first, then rows, each pass in 22-bit fixed point and rounded to
/// a byte. The vision towers were trained on exactly these pixels; other libraries' kernels differ by several levels.
/// </summary>
internal static class PilResize
{
    private const int Half = 1 << (ResizeAxis.FractionBits - 1);

    /// <summary>The whole picture at another size.</summary>
    /// <returns>height x width x 3 bytes.</returns>
    public static byte[] Resize(RgbImage source, int width, int height, ResizeFilter filter) => Resize(
        source,
        ResizeAxis.For(source.Width, width, 0, width, filter),
        ResizeAxis.For(source.Height, height, 0, height, filter));

    /// <summary>The part of a resized picture that the two axes cover; nothing outside of it is computed.</summary>
    /// <returns>rows.Count x columns.Count x 3 bytes.</returns>
    public static byte[] Resize(RgbImage source, ResizeAxis columns, ResizeAxis rows)
    {
        var pixels = source.Rgb.Span;
        if (pixels.Length != (long)source.Width * source.Height * 3)
        {
            throw new ArgumentException($"a picture of {source.Width} x {source.Height} has {(long)source.Width * source.Height * 3} bytes of RGB, not {pixels.Length}", nameof(source));
        }

        var first = rows.FirstSource;
        var sourceRows = rows.EndSource - first;
        var rowBytes = columns.Count * 3;
        var between = ArrayPool<byte>.Shared.Rent(checked(sourceRows * rowBytes));
        var target = new byte[checked(rows.Count * rowBytes)];
        try
        {
            for (var y = 0; y < sourceRows; y++)
            {
                ResizeRow(pixels.Slice((first + y) * source.Width * 3, source.Width * 3), columns, between.AsSpan(y * rowBytes, rowBytes));
            }

            for (var y = 0; y < rows.Count; y++)
            {
                var weights = rows.Weights(y, out var start);
                MixRows(between.AsSpan((start - first) * rowBytes, weights.Length * rowBytes), weights, target.AsSpan(y * rowBytes, rowBytes));
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(between);
        }

        return target;
    }

    // One vector is one pixel: lanes r, g, b and, unused, the next pixel's r.
    private static void ResizeRow(ReadOnlySpan<byte> source, ResizeAxis columns, Span<byte> target)
    {
        for (var i = 0; i < columns.Count; i++)
        {
            var weights = columns.Weights(i, out var start);
            ref var pixel = ref Unsafe.Add(ref MemoryMarshal.GetReference(source), start * 3);

            // The last pixel of a row has no fourth byte that is safe to read.
            var reachesEnd = (start + weights.Length) * 3 == source.Length;
            var safe = reachesEnd ? weights.Length - 1 : weights.Length;
            var sum = Vector128.Create(Half);
            for (var x = 0; x < safe; x++)
            {
                sum += WidenPixel(Unsafe.ReadUnaligned<uint>(ref pixel)) * weights[x];
                pixel = ref Unsafe.Add(ref pixel, 3);
            }

            if (reachesEnd)
            {
                sum += Vector128.Create((int)source[^3], source[^2], source[^1], 0) * weights[^1];
            }

            sum >>= ResizeAxis.FractionBits;
            sum = Vector128.Min(Vector128.Max(sum, Vector128<int>.Zero), Vector128.Create(255));
            target[i * 3] = (byte)sum[0];
            target[(i * 3) + 1] = (byte)sum[1];
            target[(i * 3) + 2] = (byte)sum[2];
        }
    }

    // A lane is one byte column; source holds weights.Length rows of target.Length bytes.
    private static void MixRows(ReadOnlySpan<byte> source, ReadOnlySpan<int> weights, Span<byte> target)
    {
        var width = target.Length;
        var x = 0;
        ref var origin = ref MemoryMarshal.GetReference(source);
        for (; x <= width - Vector128<byte>.Count; x += Vector128<byte>.Count)
        {
            Vector128<int> a = Vector128.Create(Half), b = a, c = a, d = a;
            for (var y = 0; y < weights.Length; y++)
            {
                var (low, high) = Vector128.Widen(Vector128.LoadUnsafe(ref origin, (nuint)((y * width) + x)));
                var weight = Vector128.Create(weights[y]);
                a += Vector128.WidenLower(low).AsInt32() * weight;
                b += Vector128.WidenUpper(low).AsInt32() * weight;
                c += Vector128.WidenLower(high).AsInt32() * weight;
                d += Vector128.WidenUpper(high).AsInt32() * weight;
            }

            // Saturating narrowing is the clip to [0, 255].
            var lower = Vector128.NarrowWithSaturation(a >> ResizeAxis.FractionBits, b >> ResizeAxis.FractionBits);
            var upper = Vector128.NarrowWithSaturation(c >> ResizeAxis.FractionBits, d >> ResizeAxis.FractionBits);
            var clipped = Vector128.NarrowWithSaturation(
                Vector128.Max(lower, Vector128<short>.Zero).AsUInt16(),
                Vector128.Max(upper, Vector128<short>.Zero).AsUInt16());
            clipped.StoreUnsafe(ref MemoryMarshal.GetReference(target), (nuint)x);
        }

        for (; x < width; x++)
        {
            var sum = Half;
            for (var y = 0; y < weights.Length; y++)
            {
                sum += source[(y * width) + x] * weights[y];
            }

            target[x] = (byte)Math.Clamp(sum >> ResizeAxis.FractionBits, 0, 255);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> WidenPixel(uint fourBytes) =>
        Vector128.WidenLower(Vector128.WidenLower(Vector128.CreateScalar(fourBytes).AsByte())).AsInt32();
}
