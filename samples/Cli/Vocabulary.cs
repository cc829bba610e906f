using RwkvSk.Engine;
using RwkvSk.Engine.Tokenization;
using RwkvSk.Engine.Weights;

namespace RwkvSk.Cli;

/// <summary>The vocabulary of a model; commands that need text ask for it before they load anything large.</summary>
internal static class Vocabulary
{
    /// <summary>The path of a model's vocabulary.</summary>
    /// <exception cref="ModelFormatException">It has none.</exception>
    public static string Require(string model)
    {
        var folder = ModelFolder.Open(model);
        return folder.VocabularyPath ?? throw new ModelFormatException(folder.MissingVocabulary);
    }

    /// <summary>A model's tokenizer, without its weights.</summary>
    public static ITokenizer Load(string model) => TokenizerFile.Load(Require(model));
}
