using System.CommandLine;
using System.Numerics;

namespace RwkvSk.Cli;

/// <summary>Usage errors for numbers that make no sense.</summary>
internal static class OptionLimits
{
    /// <summary>Refuses smaller values.</summary>
    public static Option<T> AtLeast<T>(this Option<T> option, T least)
        where T : INumber<T>
    {
        option.Validators.Add(result =>
        {
            if (result.Errors.Any() || (result.Tokens.Count > 0 && result.GetValueOrDefault<T>() < least))
            {
                result.AddError($"'{option.Name}' must be {least} or more.");
            }
        });
        return option;
    }

    /// <inheritdoc cref="AtLeast{T}(Option{T},T)"/>
    public static Option<T?> AtLeast<T>(this Option<T?> option, T least)
        where T : struct, INumber<T>
    {
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && result.GetValueOrDefault<T?>() is { } value && value < least)
            {
                result.AddError($"'{option.Name}' must be {least} or more.");
            }
        });
        return option;
    }
}
