using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.AI;

namespace RwkvSk.Connector;

/// <summary>
/// Who a model is to be: a system text, a tuned state, or both. What a persona begins with is read once, for all tenants, and stays, so a request that names one pays for its
/// own tokens alone.
/// </summary>
public sealed class RwkvPersona
{
    /// <summary>The system text. It comes before the system messages of a request, in the same turn.</summary>
    /// <value>null by default: none.</value>
    public string? SystemPrompt { get; set; }

    /// <summary>A file of the state that the model begins with instead of nothing: a state-tuned checkpoint (<c>blocks.i.att.time_state</c>), or a snapshot that the engine saved.</summary>
    /// <value>null by default: none.</value>
    public string? StateFile { get; set; }

    /// <summary>The functions that the persona's requests usually offer. They are part of its system turn, so they are read with it beforehand; a request still says itself what it offers.</summary>
    /// <value>Empty by default.</value>
    public IList<AITool> Tools { get; } = [];
}

/// <summary>Asks every persona for a system text or a file.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class CompletePersonasAttribute : ValidationAttribute
{
    protected override ValidationResult? IsValid(object? value, ValidationContext validationContext)
    {
        foreach (var (name, persona) in (IDictionary<string, RwkvPersona>)value!)
        {
            if (string.IsNullOrWhiteSpace(persona.SystemPrompt) && string.IsNullOrWhiteSpace(persona.StateFile))
            {
                return new ValidationResult($"The persona '{name}' has neither a {nameof(RwkvPersona.SystemPrompt)} nor a {nameof(RwkvPersona.StateFile)}.");
            }

            if (persona.StateFile is { Length: > 0 } file && !File.Exists(file))
            {
                return new ValidationResult($"The {nameof(RwkvPersona.StateFile)} of the persona '{name}', '{file}', does not exist.");
            }
        }

        return ValidationResult.Success;
    }
}
