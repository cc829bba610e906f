using RwkvSk.Engine;
using RwkvSk.Engine.Prompts;
using RwkvSk.Engine.Scheduling;

namespace RwkvSk.Cli;

/// <summary>Picture files as image positions.</summary>
internal static class Pictures
{
    /// <summary>Encodes the files in order.</summary>
    /// <exception cref="ImageFormatException">One of them is no picture; the message names it.</exception>
    public static IReadOnlyList<IImageEmbeddings> Encode(IModelRunner runner, IReadOnlyList<string> files)
    {
        var pictures = new List<IImageEmbeddings>();
        foreach (var file in files)
        {
            try
            {
                pictures.Add(runner.EncodeImage(new ImageSegment(File.ReadAllBytes(file))));
            }
            catch (ImageFormatException exception)
            {
                throw new ImageFormatException($"'{file}': {exception.Message}", exception);
            }
        }

        return pictures;
    }
}
