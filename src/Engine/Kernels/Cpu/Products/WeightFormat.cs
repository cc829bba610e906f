namespace RwkvSk.Engine.Kernels.Cpu;

/// <summary>How a packed matrix keeps its numbers.</summary>
internal enum WeightFormat
{
    /// <summary>4 bytes.</summary>
    Float32,

    /// <summary>2 bytes: 8 bits of mantissa.</summary>
    BFloat16,

    /// <summary>2 bytes: 11 bits of mantissa.</summary>
    Float16,

    /// <summary>1 byte, and a scale for every 128 columns of a row.</summary>
    Int8,

    /// <summary>Half a byte, and a scale for every 64 columns of a row.</summary>
    Int4,
}
