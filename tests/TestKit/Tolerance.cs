namespace RwkvSk.TestKit;

/// <summary>A limit on |actual - expected|: <paramref name="Absolute"/> + <paramref name="Relative"/> x |expected|. All numeric limits of the tests live here, each with its reason.</summary>
/// <param name="Absolute">The part that does not depend on the value.</param>
/// <param name="Relative">The part that grows with the expected value.</param>
internal sealed record Tolerance(double Absolute, double Relative)
{
    /// <summary>
    /// fp32 logits, states and features. The golden vectors differ from an fp64 evaluation by up to 4.6e-5 (sums in another order); a wrong formula shows as 1e-2 or more.
    /// </summary>
    public static Tolerance Float32 { get; } = new(2e-4, 1e-4);

    /// <summary>Two of our own fp32 paths over the same weights (chunk lengths, modes, batches): the sums' order again, without the golden vectors' own error.</summary>
    public static Tolerance SameMath { get; } = new(5e-5, 5e-5);

    /// <summary>One kernel against its reference loop: one sum of at most a few thousand products, so a few hundred units in the last place.</summary>
    public static Tolerance Kernel { get; } = new(2e-5, 2e-5);

    /// <summary>Pixel arrays where decoder and resize agree bit by bit: one rounding of the normalisation.</summary>
    public static Tolerance Pixels { get; } = new(1e-6, 0);

    /// <summary>One grey level (1/255) after the widest normalisation (ImageNet's smallest deviation, 0.224): a decoder that rounds once differently.</summary>
    public static Tolerance OnePixelLevel { get; } = new(0.0176, 0);

    /// <summary>Sampling probabilities: a softmax in fp32 against one in fp64.</summary>
    public static Tolerance Probabilities { get; } = new(1e-6, 0);

    /// <summary>bf16 keeps 8 significant bits: 2^-9 per rounding, a handful of roundings on the way.</summary>
    public static Tolerance BFloat16 { get; } = new(3e-2, 2e-2);

    /// <summary>fp16 keeps 11 significant bits: 2^-12 per rounding, a handful of roundings on the way.</summary>
    public static Tolerance Float16 { get; } = new(4e-3, 3e-3);

    /// <summary>
    /// exp of fp32 exponents as large as 100: an exponent has 24 bits, so its rounding is up to 4e-6 and that is the relative error of its exp. A few of these, and
    /// quotients of sums that nearly cancel.
    /// </summary>
    public static Tolerance Exponents { get; } = new(1e-4, 1e-4);

    /// <summary>Logits of a whole model with bf16 weights: 8 bits at every product of three or four layers, on logits of standard deviation 1.6. A wrong formula shows as 1 or more.</summary>
    public static Tolerance BFloat16Model { get; } = new(0.35, 0.05);

    /// <summary>The same with fp16's 11 bits.</summary>
    public static Tolerance Float16Model { get; } = new(0.05, 0.01);

    /// <summary>The same bits.</summary>
    public static Tolerance Exact { get; } = new(0, 0);

    /// <summary>Fails with the worst place when any element is out of limits (<see cref="Float32"/> unless said otherwise), a length differs, or a number is not a number.</summary>
    /// <param name="expected">What the reference gave.</param>
    /// <param name="actual">What we gave.</param>
    /// <param name="stage">What is compared, for the message: "block 3 output".</param>
    /// <param name="tolerance">null takes <see cref="Float32"/>.</param>
    public static void AssertClose(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, string stage, Tolerance? tolerance = null)
    {
        var limit = tolerance ?? Float32;
        if (expected.Length != actual.Length)
        {
            throw new ToleranceException($"{stage}: expected {expected.Length} values, got {actual.Length}");
        }

        var (worst, worstExcess, count, largest) = (-1, 0.0, 0, 0.0);
        for (var i = 0; i < expected.Length; i++)
        {
            // Equal infinities agree; anything else that is not finite does not.
            var difference = expected[i].Equals(actual[i]) ? 0 : Math.Abs((double)actual[i] - expected[i]);
            var excess = difference - (limit.Absolute + (limit.Relative * Math.Abs((double)expected[i])));
            excess = double.IsNaN(excess) ? double.PositiveInfinity : excess;
            largest = Math.Max(largest, double.IsNaN(difference) ? double.PositiveInfinity : difference);
            if (excess > 0)
            {
                count++;
                if (excess > worstExcess)
                {
                    (worst, worstExcess) = (i, excess);
                }
            }
        }

        if (count > 0)
        {
            throw new ToleranceException(
                $"{stage}: {count} of {expected.Length} values are out of limits (atol {limit.Absolute:g3} + rtol {limit.Relative:g3}); " +
                $"the worst at [{worst}]: expected {expected[worst]:g9}, got {actual[worst]:g9}; largest difference {largest:g3}");
        }
    }
}
