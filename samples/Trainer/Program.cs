using System.CommandLine;
using RwkvSk.Trainer;

var root = new RootCommand("Trains and judges Gosling, the small VisualRWKV-7 that the samples run on.")
{
    TrainCommand.Create(),
    ExportCommand.Create(),
    EvaluateCommand.Create(),
    CurveCommand.Create(),
};
return await root.Parse(args).InvokeAsync();
