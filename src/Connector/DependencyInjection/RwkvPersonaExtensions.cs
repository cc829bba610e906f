using Microsoft.Extensions.DependencyInjection.Extensions;
using RwkvSk.Connector;
using RwkvSk.Connector.DependencyInjection;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>
/// Gives registered RWKV models personas. A request names one in <see cref="RwkvPromptExecutionSettings.Persona"/> (or in the additional properties of chat options, as
/// "persona"); and <see cref="RwkvChatClient"/> under the persona's name as key is the client that always is it. A persona is read when the model is warmed up, or
/// else with its first request.
/// </summary>
public static class RwkvPersonaExtensions
{
#pragma warning disable RS0026 // the overloads differ in a required parameter, so an added option can not make a call ambiguous

    /// <summary>Adds a persona that is a system text.</summary>
    /// <param name="services">The container.</param>
    /// <param name="name">What it is asked for by.</param>
    /// <param name="systemPrompt">The system text.</param>
    /// <param name="serviceId">The id that the model was or will be registered under.</param>
    /// <returns>The container.</returns>
    public static IServiceCollection AddRwkvPersona(this IServiceCollection services, string name, string systemPrompt, string? serviceId = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(systemPrompt);
        return services.AddRwkvPersona(name, persona => persona.SystemPrompt = systemPrompt, serviceId);
    }

    /// <summary>Adds a persona that is a state: a state-tuned checkpoint, or a snapshot that the engine saved.</summary>
    /// <param name="services">The container.</param>
    /// <param name="name">What it is asked for by.</param>
    /// <param name="stateFile">The file.</param>
    /// <param name="serviceId">The id that the model was or will be registered under.</param>
    /// <returns>The container.</returns>
    public static IServiceCollection AddRwkvPersona(this IServiceCollection services, string name, FileInfo stateFile, string? serviceId = null)
    {
        ArgumentNullException.ThrowIfNull(stateFile);
        return services.AddRwkvPersona(name, persona => persona.StateFile = stateFile.FullName, serviceId);
    }

    /// <summary>Adds a persona.</summary>
    /// <param name="services">The container.</param>
    /// <param name="name">What it is asked for by.</param>
    /// <param name="configure">What it is.</param>
    /// <param name="serviceId">The id that the model was or will be registered under.</param>
    /// <returns>The container.</returns>
    public static IServiceCollection AddRwkvPersona(this IServiceCollection services, string name, Action<RwkvPersona> configure, string? serviceId = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(configure);
        services.AddOptions<RwkvOptions>(serviceId ?? Options.Options.DefaultName).Configure(options =>
        {
            var persona = options.Personas.TryGetValue(name, out var present) ? present : options.Personas[name] = new RwkvPersona();
            configure(persona);
        });
        services.TryAddKeyedSingleton(name, (provider, _) => RwkvRegistration.Get<RwkvChatClient>(provider, serviceId).As(name));
        return services;
    }

#pragma warning restore RS0026
}
