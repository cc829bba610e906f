using System.Text;
using RwkvSk.Engine.Tokenization;
using RwkvSk.TestKit;
using Xunit;

namespace RwkvSk.Engine.Tests.Tokenization;

public class TokenizerFileTests
{
    [Fact]
    public void The_content_decides_which_tokenizer_it_is()
    {
        Assert.IsType<WorldTokenizer>(Load(SmallVocabulary.File()));
        Assert.IsType<BpeTokenizer>(Load(Encoding.UTF8.GetBytes("\n " + SmallBpe.Json().ToJsonString())));
    }

    [Fact]
    public void What_is_neither_is_refused_by_name() =>
        Assert.StartsWith("vocabulary.txt, line 1:", Assert.Throws<ModelFormatException>(() => Load("PK\u0003\u0004"u8.ToArray())).Message, StringComparison.Ordinal);

    private static ITokenizer Load(byte[] content)
    {
        using var folder = new TemporaryFolder();
        return TokenizerFile.Load(folder.Write("vocabulary.txt", content));
    }
}
