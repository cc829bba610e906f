namespace RwkvSk.Engine.Weights;

/// <summary>What happens to a tensor on its way from another layout to the canonical one.</summary>
internal enum TensorChange
{
    /// <summary>Nothing but the name.</summary>
    None,

    /// <summary>A vector becomes [1,1,C].</summary>
    Vector,

    /// <summary>A vector of all heads becomes [H,N].</summary>
    Heads,

    /// <summary>The last two axes change places.</summary>
    Transpose,

    /// <summary>One tensor holds several vectors: row i becomes the i-th name, [1,1,C].</summary>
    Split,

    /// <summary>RWKV-6's five low-rank inputs [5R,C], in FLA's order, become [C,5R] in canonical order.</summary>
    FlaMixIn,

    /// <summary>RWKV-6's five low-rank outputs [C,5R], in FLA's order, become [5,R,C] in canonical order.</summary>
    FlaMixOut,

    /// <summary>Divided by 2^(layer / rescale interval) by the converter; multiplied back.</summary>
    Rescaled,

    /// <summary>A filler that no layer reads.</summary>
    Drop,
}

/// <summary>One line of a layout's table; <c>*</c> stands for the layer.</summary>
/// <param name="Foreign">The name in the file.</param>
/// <param name="Canonical">The name in published .pth files; several, separated by spaces, for <see cref="TensorChange.Split"/>.</param>
/// <param name="Change">What else changes.</param>
/// <param name="LayerZero">What changes in layer 0, where that differs.</param>
internal sealed record NameRule(string Foreign, string Canonical, TensorChange Change = TensorChange.None, TensorChange? LayerZero = null);
