namespace RwkvSk.Engine;

/// <summary>An adapter that is merged into the model when it is loaded: low-rank pairs (LoRA, PiSSA), bone blocks, and whole tensors that replace the model's.</summary>
public sealed record AdapterOptions
{
    /// <summary>The adapter's file, in any checkpoint format.</summary>
    public string Path { get; init; } = "";

    /// <summary>α: the product of a pair counts α / rank.</summary>
    /// <value>null by default: the rank, a factor of 1.</value>
    public double? Alpha { get; init; }

    /// <summary>PiSSA only: the file with the pairs that training began from, whose product is subtracted.</summary>
    /// <value>null by default.</value>
    public string? InitialPath { get; init; }
}
