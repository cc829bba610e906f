using RwkvSk.Engine.Tokenization;
using RwkvSk.Engine.Weights;

namespace RwkvSk.Engine.Models;

/// <summary>Finds a model's vocabulary: the one that rwkvsk.json names, the one inside a GGUF checkpoint, the one beside the checkpoint.</summary>
internal static class ModelVocabulary
{
    /// <summary>The model's tokenizer; null when it has none.</summary>
    /// <param name="folder">The model.</param>
    /// <param name="weights">Its checkpoint as <see cref="ModelFolder.OpenWeights"/> gives it.</param>
    /// <exception cref="ModelFormatException">The vocabulary is damaged.</exception>
    public static ITokenizer? Find(ModelFolder folder, IWeightFile weights) =>
        !folder.NamesVocabulary && GgufVocabulary.WorldFile(weights) is { } inside ? WorldTokenizer.Parse(inside, Path.GetFileName(weights.Path))
        : folder.VocabularyPath is { } path ? TokenizerFile.Load(path)
        : null;

    /// <summary>A model's tokenizer, without its weights.</summary>
    /// <exception cref="ModelFormatException">It has none.</exception>
    public static ITokenizer Load(string model)
    {
        var folder = ModelFolder.Open(model);
        if (folder.VocabularyPath is { } path && (folder.NamesVocabulary || !folder.CheckpointFiles.Any(static file => Path.GetExtension(file).Equals(".gguf", StringComparison.OrdinalIgnoreCase))))
        {
            return TokenizerFile.Load(path);
        }

        using var weights = folder.OpenWeights();
        return Find(folder, weights) ?? throw new ModelFormatException(folder.MissingVocabulary);
    }
}
