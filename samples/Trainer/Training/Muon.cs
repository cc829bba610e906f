using TorchSharp;
using static TorchSharp.torch;

namespace RwkvSk.Trainer.Training;

/// <summary>
/// The direction of a step for a weight matrix: the momentum's nearest orthogonal matrix, so that every singular direction moves alike instead of a few
/// strong ones alone (Jordan et al. 2024, "Muon"; five Newton-Schulz iterations of an odd quintic). Scaled as Moonlight does (2025) to the size of an
/// AdamW step, so both share one learning rate.
/// </summary>
internal static class Muon
{
    /// <summary>How much of the momentum stays per step.</summary>
    public const float Momentum = 0.95f;

    private const int Iterations = 5;
    private static readonly Scalar A = 3.4445f, B = -4.7750f, C = 2.0315f, One = 1f;

    /// <summary>Whether a parameter is a weight matrix inside a block; embeddings, heads, norms and low-rank pairs are AdamW's.</summary>
    public static bool Applies(ParameterSpec spec) =>
        spec.Decays && spec.Shape.Length == 2 && spec.Name.Contains(".blocks.", StringComparison.Ordinal) && spec.Name.EndsWith(".weight", StringComparison.Ordinal);

    /// <summary>Replaces a matrix [rows, columns] by its scaled orthogonal direction, in place.</summary>
    public static void Orthogonalize(float[] matrix, long rows, long columns)
    {
        using var noGradient = no_grad();
        using var temporaries = NewDisposeScope();
        var x = tensor(matrix).view(rows, columns);
        x = (rows > columns ? x.t() : x).contiguous();
        x = x.div(x.norm().add(tensor(1e-7f), One)).to(ScalarType.BFloat16);
        for (var i = 0; i < Iterations; i++)
        {
            var square = x.mm(x.t());
            x = x.mul(A).add(square.mul(B).add(square.mm(square), C).mm(x), One);
        }

        var scale = tensor(0.2f * MathF.Sqrt(Math.Max(rows, columns)));
        var direction = (rows > columns ? x.t() : x).to(ScalarType.Float32).mul(scale).contiguous();
        direction.data<float>().CopyTo(matrix);
    }
}
