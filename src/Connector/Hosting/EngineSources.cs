using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Logging;
using RwkvSk.Engine;

namespace RwkvSk.Connector.Hosting;

/// <summary>Makes engine sources for services that no container makes.</summary>
internal static class EngineSources
{
    /// <summary>A source that loads what the options say.</summary>
    /// <exception cref="ArgumentException">The options are wrong.</exception>
    public static IEngineSource FromOptions(RwkvOptions options, ILoggerFactory? loggers)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentException.ThrowIfNullOrWhiteSpace(options.ModelPath, nameof(options));
        var errors = new List<ValidationResult>();
        if (!Validator.TryValidateObject(options, new ValidationContext(options), errors, validateAllProperties: true))
        {
            throw new ArgumentException(string.Join(" ", errors.Select(static error => error.ErrorMessage)), nameof(options));
        }

        return new LazyEngine(() => RwkvEngine.Load(options.ModelPath, options.ToEngineOptions(), loggers));
    }

    /// <summary>A source of an engine that stays the caller's.</summary>
    public static IEngineSource Of(RwkvEngine engine)
    {
        ArgumentNullException.ThrowIfNull(engine);
        return LazyEngine.Of(engine);
    }

    /// <summary>Options under the name of an engine that is already there.</summary>
    public static RwkvOptions OptionsFor(RwkvEngine engine)
    {
        ArgumentNullException.ThrowIfNull(engine);
        return new RwkvOptions { ModelPath = engine.Model.Name, ModelId = engine.Model.Name };
    }
}
