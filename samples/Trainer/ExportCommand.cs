using System.CommandLine;
using System.Globalization;
using RwkvSk.Engine.Models;
using RwkvSk.Engine.Weights;
using RwkvSk.Trainer.Training;

namespace RwkvSk.Trainer;

/// <summary><c>export</c>: from a training checkpoint to a model folder.</summary>
internal static class ExportCommand
{
    public static Command Create()
    {
        var checkpoint = new Argument<FileInfo>("checkpoint") { Description = "A checkpoint that training wrote; its vocab.txt lies beside it." };
        var output = new Option<DirectoryInfo>("--out") { Description = "The model folder.", Required = true };
        var command = new Command("export", "Writes a model folder from a training checkpoint.") { checkpoint, output };
        command.SetAction(parse =>
        {
            LibTorchLoader.EnsureLoaded();
            var shape = new GoslingShape();
            using var store = new ParameterStore(Initialization.Parameters(shape), seed: 0);
            var path = parse.GetRequiredValue(checkpoint).FullName;
            using (var file = SafetensorsFile.Open(path))
            {
                store.Load(path, int.Parse(file.Metadata["step"], CultureInfo.InvariantCulture));
            }

            ModelExport.Write(store, shape, Path.Combine(Path.GetDirectoryName(path)!, "vocab.txt"), parse.GetRequiredValue(output).FullName);
        });
        return command;
    }
}
