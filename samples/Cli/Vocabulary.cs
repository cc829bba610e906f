using RwkvSk.Engine;
using RwkvSk.Engine.Models;
using RwkvSk.Engine.Tokenization;
using RwkvSk.Engine.Weights;

namespace RwkvSk.Cli;

/// <summary>The vocabulary of a model; commands that need text ask for it before they load anything large.</summary>
internal static class Vocabulary
{
    /// <summary>Makes sure that a model has a vocabulary, beside its checkpoint or inside it.</summary>
    /// <exception cref="ModelFormatException">It has none.</exception>
    public static void Require(string model)
    {
        if (ModelFolder.Open(model).VocabularyPath is null)
        {
            ModelVocabulary.Load(model);
        }
    }

    /// <summary>A model's tokenizer, without its weights.</summary>
    public static ITokenizer Load(string model) => ModelVocabulary.Load(model);
}
