using Spectre.Console;

namespace RwkvSk.Cli;

/// <summary>Results for people: two columns, name and value.</summary>
internal static class Tables
{
    /// <summary>Writes the rows as a table.</summary>
    public static void Write(TextWriter output, IEnumerable<(string Name, string Value)> rows)
    {
        var table = new Table().Border(TableBorder.None).HideHeaders().AddColumn(new TableColumn("").NoWrap()).AddColumn("");
        foreach (var (name, value) in rows)
        {
            table.AddRow(Markup.Escape(name), Markup.Escape(value));
        }

        AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output) }).Write(table);
    }
}
