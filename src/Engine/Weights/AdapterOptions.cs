namespace RwkvSk.Engine.Weights;

/// <summary>How an adapter is merged.</summary>
/// <param name="Alpha">The adapter's α; its matrices count α / rank. null takes the rank, a factor of 1.</param>
/// <param name="InitialPath">PiSSA only: the file with the matrices that training began from, which are subtracted.</param>
internal sealed record AdapterOptions(double? Alpha = null, string? InitialPath = null);
