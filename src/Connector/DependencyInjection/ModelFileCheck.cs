using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace RwkvSk.Connector.DependencyInjection;

/// <summary>
/// Options of their own for one question: is the model there? The host asks it when it starts; a service that is only constructed does not, because
/// Semantic Kernel constructs every registered service to choose among them.
/// </summary>
internal sealed class ModelFileCheck
{
    /// <summary>Makes the host's start ask for the model of the options of this name.</summary>
    public static void Add(IServiceCollection services, string name) =>
        services.AddOptions<ModelFileCheck>(name)
            .Validate<IOptionsMonitor<RwkvOptions>>((_, options) => Exists(options.Get(name).ModelPath), $"{nameof(RwkvOptions.ModelPath)} of the model '{name}' names neither a file nor a folder.")
            .ValidateOnStart();

    private static bool Exists(string path) => File.Exists(path) || Directory.Exists(path);
}
