namespace RwkvSk.Trainer.Data;

/// <summary>How programmers write a name of several words.</summary>
internal sealed record NameStyle(Func<string, int, string> Word, string Between, Func<string, string> Plugin)
{
    private static readonly NameStyle Snake = new((w, _) => w, "_", p => p.Replace(' ', '_') + "_");
    private static readonly NameStyle Pascal = new((w, _) => Capital(w), string.Empty, p => Capitals(p));
    private static readonly NameStyle Camel = new((w, i) => i == 0 ? w : Capital(w), string.Empty, p => char.ToLowerInvariant(p[0]) + Capitals(p)[1..] + "_");
    private static readonly NameStyle PluginPascal = new((w, _) => Capital(w), string.Empty, p => Capitals(p) + "_");
    private static readonly NameStyle PluginSnake = new((w, _) => w, "_", p => Capitals(p) + "_");
    private static readonly NameStyle Kebab = new((w, _) => w, "_", p => Capitals(p) + "-");
    private static readonly string[] Plugins = ["home", "house", "office", "tools", "demo", "app", "my", "control", "helper", "system", "assistant", "smart"];

    private static readonly (double Weight, NameStyle Style)[] Styles = [(0.36, Snake), (0.16, Pascal), (0.16, Camel), (0.18, PluginPascal), (0.1, PluginSnake), (0.04, Kebab)];

    public static NameStyle Draw(Random random) => random.Weighted(Styles);

    /// <summary>A tool's name from words; what stands before a dot is its plugin.</summary>
    public string Tool(string words, Random random)
    {
        var dot = words.IndexOf('.', StringComparison.Ordinal);
        var needsPlugin = this == PluginPascal || this == PluginSnake || this == Kebab;
        var plugin = dot > 0 ? words[..dot] : needsPlugin && random.Chance(0.5) ? random.Pick(Plugins) : null;
        return (plugin is null ? string.Empty : Plugin(plugin)) + Join(words[(dot + 1)..]);
    }

    /// <summary>A parameter's name: never with a leading capital.</summary>
    public string Parameter(string words)
    {
        var name = Join(words);
        return char.ToLowerInvariant(name[0]) + name[1..];
    }

    private string Join(string words) => string.Join(Between, words.Split(' ').Select((w, i) => Word(w, i)));

    private static string Capital(string word) => char.ToUpperInvariant(word[0]) + word[1..];

    private static string Capitals(string words) => string.Concat(words.Split(' ').Select(Capital));
}
