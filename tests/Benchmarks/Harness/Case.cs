namespace RwkvSk.Benchmarks.Harness;

/// <summary>One thing that is measured, and what one run of it moves.</summary>
/// <param name="Name">How the report calls it.</param>
/// <param name="Run">One run.</param>
internal sealed record Case(string Name, Action Run)
{
    /// <summary>Bytes of weights or states that a run reads; 0 when that says nothing.</summary>
    public double Bytes { get; init; }

    /// <summary>Floating-point operations of a run; 0 when that says nothing.</summary>
    public double Flops { get; init; }

    /// <summary>Tokens, positions or requests of a run; 0 when that says nothing.</summary>
    public double Items { get; init; }
}
