using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace RwkvSk.Engine.Weights;

/// <summary>A checkpoint of another layout under the names, shapes and orientations of the published .pth files. Owns the file behind it.</summary>
internal sealed unsafe class CanonicalWeightFile : IWeightFile
{
    private readonly IWeightFile _file;
    private readonly PrivateCopies _copies = new();
    private readonly Dictionary<string, TensorRecipe> _recipes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, WeightInfo> _tensors = new(StringComparer.Ordinal);

    // Sources that several tensors are parts of: one of them may be used in place while another one is let go.
    private readonly HashSet<string> _shared;

    /// <summary>Checks that every recipe fits the file.</summary>
    /// <exception cref="ModelFormatException">A tensor has another size than its layout demands, or two would have one name.</exception>
    public CanonicalWeightFile(IWeightFile file, string layout, IEnumerable<TensorRecipe> recipes)
    {
        (_file, Layout) = (file, layout);
        foreach (var recipe in recipes)
        {
            foreach (var piece in recipe.Pieces)
            {
                var source = file.Find(piece.Source);
                if (!piece.View.Fits(source.Count) || source.Type != recipe.Info.Type)
                {
                    throw new ModelFormatException(
                        $"'{file.Path}': '{piece.Source}' is {source.Type} {WeightTypes.Describe(source.Shape)}, which cannot give '{recipe.Info.Name}' {WeightTypes.Describe(recipe.Info.Shape)} in the layout of {layout}.");
                }
            }

            if (recipe.Pieces.Sum(static piece => piece.View.Shape.Aggregate(1L, static (a, b) => a * b)) != recipe.Info.Count || !_recipes.TryAdd(recipe.Info.Name, recipe))
            {
                throw new ModelFormatException($"'{file.Path}': '{recipe.Info.Name}' has parts of other sizes, or comes twice, in the layout of {layout}.");
            }

            _tensors.Add(recipe.Info.Name, recipe.Info);
        }

        _shared = [.. _recipes.Values.SelectMany(static recipe => recipe.Pieces.Select(static piece => piece.Source).Distinct(StringComparer.Ordinal))
            .GroupBy(static source => source, StringComparer.Ordinal).Where(static group => group.Skip(1).Any()).Select(static group => group.Key)];
    }

    /// <summary>The layout that the file was found to have.</summary>
    public string Layout { get; }

    /// <summary>The file itself, under its own names.</summary>
    public IWeightFile Original => _file;

    /// <inheritdoc/>
    public string Path => _file.Path;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, WeightInfo> Tensors => _tensors;

    /// <inheritdoc/>
    public ReadOnlySpan<byte> Data(string name, out byte* address)
    {
        var info = this.Find(name);
        var (length, itemSize, recipe) = (info.ByteLength(), info.Type.ItemSize(), _recipes[name]);
        if (!recipe.IsInPlace)
        {
            return _copies.Get(name, length, destination => Fill(recipe, destination, itemSize), out address);
        }

        var piece = recipe.Pieces[0];
        var offset = (int)(piece.View.Offset * itemSize);
        var data = _file.Data(piece.Source, out var start).Slice(offset, length);
        address = start + offset;
        return data;
    }

    /// <inheritdoc/>
    public void Release(string name)
    {
        _copies.Release(name);
        ReleaseSources(_recipes[name]);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _copies.Dispose();
        _file.Dispose();
    }

    private void Fill(TensorRecipe recipe, Span<byte> destination, int itemSize)
    {
        var joined = recipe.Order is null ? destination : new byte[destination.Length];
        var at = 0;
        foreach (var piece in recipe.Pieces)
        {
            var bytes = (int)piece.View.Shape.Aggregate((long)itemSize, static (a, b) => a * b);
            piece.View.Copy(_file.Data(piece.Source), joined.Slice(at, bytes), itemSize);
            at += bytes;
        }

        ReleaseSources(recipe);
        recipe.Order?.Copy(joined, destination, itemSize);
        if (recipe.Doublings > 0)
        {
            Double(recipe.Info, destination, MathF.ScaleB(1, recipe.Doublings));
        }
    }

    private void ReleaseSources(TensorRecipe recipe)
    {
        foreach (var piece in recipe.Pieces)
        {
            if (!_shared.Contains(piece.Source))
            {
                _file.Release(piece.Source);
            }
        }
    }

    private static void Double(WeightInfo info, Span<byte> data, float factor)
    {
        switch (info.Type)
        {
            case WeightType.Float32:
                foreach (ref var value in MemoryMarshal.Cast<byte, float>(data))
                {
                    value *= factor;
                }

                break;
            case WeightType.Float16:
                foreach (ref var value in MemoryMarshal.Cast<byte, Half>(data))
                {
                    value = (Half)((float)value * factor);
                }

                break;
            case WeightType.BFloat16:
                // A power of two changes the exponent only, so cutting off the lower half of the fp32 loses nothing.
                for (var i = 0; i < data.Length; i += 2)
                {
                    var value = BitConverter.Int32BitsToSingle(BinaryPrimitives.ReadInt16LittleEndian(data[i..]) << 16) * factor;
                    BinaryPrimitives.WriteUInt16LittleEndian(data[i..], (ushort)(BitConverter.SingleToUInt32Bits(value) >> 16));
                }

                break;
            default:
                throw new ModelFormatException($"'{info.Name}' is {info.Type} and cannot be scaled.");
        }
    }
}
