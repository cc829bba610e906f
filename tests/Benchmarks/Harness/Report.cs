using System.Globalization;
using System.Text;
using RwkvSk.Cli;
using RwkvSk.Cli.Machine;

namespace RwkvSk.Benchmarks.Harness;

/// <summary>The tables of a run, as markdown for people and one line of JSON for programs.</summary>
internal sealed class Report(Action<string> progress)
{
    private readonly List<Section> _sections = [];
    private readonly List<string> _broken = [];

    /// <summary>Laws that did not hold; the program then fails.</summary>
    public IReadOnlyList<string> Broken => _broken;

    /// <summary>Adds a table of cases that ran against each other.</summary>
    public void Add(string title, IReadOnlyList<Figure> figures)
    {
        _sections.Add(new Section(title, figures, []));
        progress(title);
    }

    /// <summary>Adds a table of single values.</summary>
    public void Add(string title, params IReadOnlyList<Value> values)
    {
        _sections.Add(new Section(title, [], values));
        progress(title);
    }

    /// <summary>Notes a law that must hold whatever the machine is like; one that does not is named in the report.</summary>
    public void Require(bool holds, string law)
    {
        if (!holds)
        {
            _broken.Add(law);
        }
    }

    /// <summary>One line.</summary>
    public string ToJson() => Json.Write(new { Machine = MachineLine.Describe(), Sections = _sections, Broken = _broken });

    /// <summary>Tables under headings, the machine's line first.</summary>
    public string ToMarkdown()
    {
        var text = new StringBuilder().Append(MachineLine.Describe()).Append('\n');
        foreach (var section in _sections)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n### {section.Title}\n\n");
            Write(text, section);
        }

        foreach (var law in _broken)
        {
            text.Append(CultureInfo.InvariantCulture, $"\nBroken: {law}\n");
        }

        return text.ToString();
    }

    private static void Write(StringBuilder text, Section section)
    {
        if (section.Values.Count > 0)
        {
            text.Append("| what | value |\n|---|---:|\n");
            foreach (var value in section.Values)
            {
                text.Append(CultureInfo.InvariantCulture, $"| {value.Name} | {Number(value.Amount)} {value.Unit} |\n");
            }
        }

        if (section.Figures.Count > 0)
        {
            text.Append("| case | time | ratio | cpu time | ratio | GB/s | GFLOP/s | per second |\n|---|---:|---:|---:|---:|---:|---:|---:|\n");
            foreach (var figure in section.Figures)
            {
                text.Append(CultureInfo.InvariantCulture, $"| {figure.Name} | {Time(figure.Microseconds)} | {figure.Ratio:F2} | {Time(figure.CpuMicroseconds)} | {figure.CpuRatio:F2} ")
                    .Append(CultureInfo.InvariantCulture, $"| {Number(figure.GigabytesPerSecond)} | {Number(figure.Gflops)} | {Number(figure.ItemsPerSecond)} |\n");
            }
        }
    }

    private static string Time(double microseconds) => microseconds >= 1000 ? $"{Number(microseconds / 1000)} ms" : $"{Number(microseconds)} µs";

    // Three digits: more would promise what a shared machine cannot keep.
    private static string Number(double? value) => value switch
    {
        null => "",
        0 => "0",
        { } number when Math.Abs(number) >= 100 => number.ToString("N0", CultureInfo.InvariantCulture),
        { } number => number.ToString("G3", CultureInfo.InvariantCulture),
    };

    private sealed record Section(string Title, IReadOnlyList<Figure> Figures, IReadOnlyList<Value> Values);
}

/// <summary>A single figure of a report.</summary>
internal sealed record Value(string Name, double? Amount, string Unit);
