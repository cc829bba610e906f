using System.CommandLine;

namespace RwkvSk.Cli.Commands;

/// <summary><c>tokenize</c>: a file's bytes as token ids.</summary>
internal static class TokenizeCommand
{
    public static Command Create()
    {
        var model = new Argument<string>("MODEL") { Description = "A checkpoint file or a model folder, with a vocabulary." };
        var file = new Option<string>("--file") { Description = "The file to tokenize; its bytes are taken as they are.", Required = true };
        var command = new Command("tokenize", "Writes the token ids of a file as a JSON array.") { model, file };
        command.SetAction(parse =>
        {
            var tokenizer = Vocabulary.Load(parse.GetRequiredValue(model));
            var ids = new List<int>();
            tokenizer.Encode(File.ReadAllBytes(parse.GetRequiredValue(file)), ids);
            parse.InvocationConfiguration.Output.WriteLine($"[{string.Join(',', ids)}]");
        });
        return command;
    }
}
