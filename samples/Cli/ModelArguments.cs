using System.CommandLine;
using RwkvSk.Connector;
using RwkvSk.Engine;

namespace RwkvSk.Cli;

/// <summary>What every command that loads a model takes: the model, and how it runs.</summary>
internal sealed class ModelArguments
{
    private readonly Option<Device> _device = new("--device") { Description = "Where it runs: auto, cpu or cuda.", DefaultValueFactory = static _ => Engine.Device.Auto };
    private readonly Option<WeightPrecision> _dtype = new("--dtype")
    {
        Description = "The weights' number format: auto, float32, bfloat16, float16; int8 and int4 for decoding.",
        DefaultValueFactory = static _ => WeightPrecision.Auto,
    };

    private readonly Option<WeightPrecision> _visionDtype = new("--vision-dtype")
    {
        Description = "The number format of the vision towers; as --dtype when left out.",
        DefaultValueFactory = static _ => WeightPrecision.Auto,
    };

    private readonly Option<string?> _adapter = new("--adapter") { Description = "An adapter file (LoRA and its relatives) to merge into the weights." };
    private readonly Option<double?> _alpha = new("--adapter-alpha") { Description = "The adapter's alpha; its rank when left out." };
    private readonly Option<string?> _state = new("--initial-state") { Description = "A state-tuned file to begin with." };
    private readonly Option<int?> _threads = new("--threads") { Description = "Threads for the CPU's arithmetic; all cores when left out." };

    /// <summary>Adds the arguments to a command.</summary>
    public ModelArguments(Command command)
    {
        _device.AcceptOnlyFromAmong(StringComparer.OrdinalIgnoreCase, Names<Device>());
        _dtype.AcceptOnlyFromAmong(StringComparer.OrdinalIgnoreCase, Names<WeightPrecision>());
        _visionDtype.AcceptOnlyFromAmong(StringComparer.OrdinalIgnoreCase, Names<WeightPrecision>());
        _threads.AtLeast(1);
        command.Add(Model);
        foreach (var option in new Option[] { _device, _dtype, _visionDtype, _threads, _adapter, _alpha, _state })
        {
            command.Add(option);
        }
    }

    /// <summary>The checkpoint file or model folder.</summary>
    public Argument<string> Model { get; } = new("MODEL") { Description = "A checkpoint file or a model folder." };

    /// <summary>How the engine itself is loaded.</summary>
    public EngineOptions EngineOptions(ParseResult parse, int slots = 1) => new()
    {
        Device = parse.GetValue(_device),
        Precision = parse.GetValue(_dtype),
        VisionPrecision = parse.GetValue(_visionDtype),
        Adapter = Adapter(parse),
        InitialStatePath = parse.GetValue(_state),
        Threads = parse.GetValue(_threads),
        MaxRunning = slots,
    };

    /// <summary>How a chat service is made.</summary>
    public RwkvOptions ServiceOptions(ParseResult parse) => new()
    {
        ModelPath = parse.GetRequiredValue(Model),
        Device = parse.GetValue(_device),
        Precision = parse.GetValue(_dtype),
        VisionPrecision = parse.GetValue(_visionDtype),
        Adapter = Adapter(parse),
        InitialStatePath = parse.GetValue(_state),
        Threads = parse.GetValue(_threads),
    };

    private AdapterOptions? Adapter(ParseResult parse) =>
        parse.GetValue(_adapter) is { } path ? new AdapterOptions { Path = path, Alpha = parse.GetValue(_alpha) } : null;

    private static string[] Names<TEnum>()
        where TEnum : struct, Enum => Array.ConvertAll(Enum.GetNames<TEnum>(), static name => name.ToLowerInvariant());
}
