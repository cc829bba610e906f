namespace RwkvSk.Engine.Weights;

/// <summary>What no checkpoint in use comes near. They bound the memory a hostile file can ask for before it is refused.</summary>
internal static class WeightLimits
{
    /// <summary>Longest table of contents (a safetensors header, a pickle); the largest published ones are below 2 MB.</summary>
    public const int HeaderBytes = 100_000_000;

    /// <summary>Most tensors in one file; a 61-layer model with three vision towers has about 4,000.</summary>
    public const int Tensors = 1_000_000;

    /// <summary>Most axes of a tensor.</summary>
    public const int Rank = 16;

    /// <summary>Largest tensor: what one span can show. The largest published matrix is 1 GiB (65536 x 4096 in fp32).</summary>
    public const long TensorBytes = int.MaxValue;

    /// <summary>Longest tensor name, in characters.</summary>
    public const int NameLength = 1024;

    /// <summary>Bytes of a tensor of this type and shape; null when a size is negative, an axis too many, or the product beyond <see cref="TensorBytes"/>.</summary>
    public static long? Bytes(WeightType type, IReadOnlyList<long> shape)
    {
        if (shape.Count > Rank)
        {
            return null;
        }

        // An axis of size 0 makes the tensor empty whatever the others say, but absurd ones are refused all the same: their product is taken without the zeros.
        Int128 bytes = type.ItemSize();
        var empty = false;
        foreach (var size in shape)
        {
            if (size < 0)
            {
                return null;
            }

            empty |= size == 0;
            bytes *= Math.Max(size, 1);
            if (bytes > TensorBytes)
            {
                return null;
            }
        }

        return empty ? 0 : (long)bytes;
    }
}
