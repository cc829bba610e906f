using System.CommandLine;
using System.Globalization;
using ScottPlot;

namespace RwkvSk.Trainer;

/// <summary><c>curve</c>: the figures that training logged, as a picture.</summary>
internal static class CurveCommand
{
    // SkiaSharp's library without dependencies finds no fonts of the system by itself.
    private const string LinuxFonts = "/usr/share/fonts";

    public static Command Create()
    {
        var log = new Argument<FileInfo>("log") { Description = "The log.csv that training wrote." };
        var output = new Option<FileInfo>("--out") { Description = "The PNG.", Required = true };
        var command = new Command("curve", "Draws loss and accuracy over the steps.") { log, output };
        command.SetAction(parse => Draw(parse.GetRequiredValue(log).FullName, parse.GetRequiredValue(output).FullName));
        return command;
    }

    private static void Draw(string log, string output)
    {
        var rows = File.ReadLines(log).Select(static line => line.Split(',')).Where(static cells => cells.Length == TrainingLog.Columns)
            .Select(static cells => (Step: Number(cells[0]), IsTower: cells[1] == "tower", Loss: Number(cells[4]), Right: 100 * Number(cells[5]), Cells: 100 * Number(cells[7])))
            .OrderBy(static row => row.Step).ToList();
        var language = rows.Where(static row => !row.IsTower).ToList();

        using var plot = new Plot();
        var font = Directory.Exists(LinuxFonts) ? Directory.EnumerateFiles(LinuxFonts, "DejaVuSans.ttf", SearchOption.AllDirectories).FirstOrDefault() : null;
        if (font is not null)
        {
            Fonts.AddFontFile("DejaVu Sans", font);
            plot.Font.Set("DejaVu Sans");
        }

        Line(language.Select(static r => (r.Step, r.Loss)), "loss per answer token (left)", Colors.C0, plot.Axes.Left);
        Line(language.Select(static r => (r.Step, r.Right)), "answer tokens right, % (right)", Colors.C1, plot.Axes.Right);
        Line(rows.Select(static r => (r.Step, r.Cells)), "objects right from the tower alone, % (right)", Colors.C2, plot.Axes.Right);
        plot.Axes.SetLimitsY(0, Math.Max(1, language.Select(static r => r.Loss).DefaultIfEmpty(1).Max()), plot.Axes.Left);
        plot.Axes.SetLimitsY(0, 100, plot.Axes.Right);
        plot.XLabel("step");
        plot.Title("Gosling's training");
        plot.ShowLegend(Alignment.MiddleRight);
        plot.SavePng(output, 900, 500);

        void Line(IEnumerable<(double X, double Y)> points, string name, Color color, IYAxis axis)
        {
            var (x, y) = (points.Select(static p => p.X).ToArray(), points.Select(static p => p.Y).ToArray());
            var line = plot.Add.ScatterLine(x, y, color);
            line.LegendText = name;
            line.Axes.YAxis = axis;
        }
    }

    private static double Number(string cell) => double.Parse(cell, CultureInfo.InvariantCulture);
}
