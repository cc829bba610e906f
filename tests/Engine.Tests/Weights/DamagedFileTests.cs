using System.Buffers.Binary;
using RwkvSk.Engine.Weights;
using RwkvSk.TestKit;
using Xunit;

namespace RwkvSk.Engine.Tests.Weights;

public sealed class DamagedFileTests
{
    [Fact]
    public void A_damaged_safetensors_file_opens_or_is_refused() =>
        Fuzz(SafetensorsFile.Open, static bytes => ..(8 + (int)BinaryPrimitives.ReadInt64LittleEndian(bytes)), "variants.safetensors", "expected.safetensors");

    [Fact]
    public void A_damaged_pth_file_opens_or_is_refused() =>
        Fuzz(PthFile.Open, static bytes => 30..Math.Min(1800, bytes.Length), "variants.pth", "proto4.pth", "nested.pth", "torch2_style.pth", "unknown_global.pth");

    /// <summary>Opens damaged copies of sound files and reads every tensor they still claim to have: nothing but a refusal may come out.</summary>
    internal static void Fuzz(Func<string, IWeightFile> open, Func<byte[], Range> header, params string[] loaderFiles) =>
        Fuzz(open, [.. loaderFiles.Select(name => File.ReadAllBytes(Golden.File("loader", name))).Select(bytes => (bytes, header(bytes)))]);

    internal static void Fuzz(Func<string, IWeightFile> open, (byte[] Bytes, Range Header)[] originals)
    {
        using var folder = new TemporaryFolder();
        var (opened, refused) = (0, 0);
        for (var i = 0; i < FileMutator.Count; i++)
        {
            var (bytes, header) = originals[(int)((uint)(FileMutator.Seed + i) % originals.Length)];
            var path = folder.Write("damaged", FileMutator.Mutate(bytes, header, FileMutator.Seed + i));
            try
            {
                using var file = open(path);
                foreach (var info in file.Tensors.Values)
                {
                    Assert.Equal(info.ByteLength(), file.Data(info.Name).Length);
                }

                opened++;
            }
            catch (ModelFormatException refusal)
            {
                Assert.Contains("damaged", refusal.Message, StringComparison.Ordinal);
                refused++;
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"a damaged file ended in {e.GetType().Name}; RWKVSK_FUZZ_SEED={FileMutator.Seed + i} RWKVSK_FUZZ=1 makes it again", e);
            }
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"seed {FileMutator.Seed}: {opened} opened, {refused} refused");
        if (FileMutator.Count < 100)
        {
            return;   // one file is being looked at
        }

        Assert.True(refused > FileMutator.Count / 10 && opened > 0, $"the damage says little: {opened} opened, {refused} refused");
    }
}
