using System.Globalization;
using System.Text;
using RwkvSk.Trainer.Training;

namespace RwkvSk.Trainer;

/// <summary>
/// The figures of a run, one line of CSV for every <see cref="Interval"/> steps: step, part, learning rate, gradient norm, loss, answer tokens right,
/// the tower's loss, objects right, seconds since the start. A resumed run appends.
/// </summary>
internal sealed class TrainingLog(string path) : IDisposable
{
    /// <summary>Steps per line.</summary>
    public const int Interval = 25;

    /// <summary>Cells per line.</summary>
    public const int Columns = 9;

    private readonly StreamWriter _file = new(path, append: true, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { AutoFlush = true };
    private double _loss;
    private long _tokens, _tokensRight, _cells, _cellsRight;

    /// <summary>Adds a step; every <see cref="Interval"/>-th writes and returns a line.</summary>
    public string? Add(StepReport report)
    {
        _loss += report.Result.Loss;
        _tokens += report.Result.Tokens;
        _tokensRight += report.Result.Correct;
        _cells += report.Result.Cells;
        _cellsRight += report.Result.CellsCorrect;
        if ((report.Step + 1) % Interval != 0)
        {
            return null;
        }

        var line = string.Create(
            CultureInfo.InvariantCulture,
            $"{report.Step + 1},{(report.IsTower ? "tower" : "language")},{report.Rate:E2},{report.GradientNorm:F3},{_loss / Interval:F4},{Ratio(_tokensRight, _tokens):F4},{report.Result.CellLoss:F4},{Ratio(_cellsRight, _cells):F4},{report.Elapsed.TotalSeconds:F1}");
        _file.WriteLine(line);
        (_loss, _tokens, _tokensRight, _cells, _cellsRight) = (0, 0, 0, 0, 0);
        return line;
    }

    private static double Ratio(long part, long whole) => part / (double)Math.Max(1, whole);

    public void Dispose() => _file.Dispose();
}
