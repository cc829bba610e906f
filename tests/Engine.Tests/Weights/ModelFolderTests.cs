using RwkvSk.Engine.Weights;
using RwkvSk.TestKit;
using Xunit;

namespace RwkvSk.Engine.Tests.Weights;

public sealed class ModelFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_folder_with_one_checkpoint_and_a_vocabulary_is_complete()
    {
        Weights("model.safetensors", "emb.weight");
        _folder.Write("rwkv_vocab_v20230424.txt", "1 'a' 1\n"u8);
        var model = ModelFolder.Open(_folder.Path);
        Assert.Equal([_folder["model.safetensors"]], model.CheckpointFiles);
        Assert.Equal(_folder["rwkv_vocab_v20230424.txt"], model.VocabularyPath);
        Assert.Empty(model.MissingVocabulary);
        Assert.Equal(Path.GetFileName(_folder.Path), model.Name);
        using var weights = model.OpenWeights();
        Assert.Equal(["emb.weight"], weights.Tensors.Keys);
    }

    [Fact]
    public void A_file_brings_the_vocabulary_beside_it()
    {
        Weights("RWKV-x070-World-0.1B.safetensors", "emb.weight");
        Weights("other.safetensors", "emb.weight");
        _folder.Write("vocab.txt", ""u8);
        var model = ModelFolder.Open(_folder["RWKV-x070-World-0.1B.safetensors"]);
        Assert.Equal("RWKV-x070-World-0.1B", model.Name);
        Assert.Equal(_folder["vocab.txt"], model.VocabularyPath);
    }

    [Fact]
    public void A_missing_vocabulary_is_said_not_thrown()
    {
        Weights("model.safetensors", "emb.weight");
        var model = ModelFolder.Open(_folder.Path);
        Assert.Null(model.VocabularyPath);
        Assert.Contains("rwkv_vocab*.txt", model.MissingVocabulary, StringComparison.Ordinal);
        Assert.Contains(_folder.Path, model.MissingVocabulary, StringComparison.Ordinal);
    }

    [Fact]
    public void Pile_models_take_the_20B_vocabulary_where_both_are()
    {
        Weights("RWKV-4-Pile-169M-20220807-8023.safetensors", "emb.weight");
        _folder.Write("rwkv_vocab_v20230424.txt", ""u8);
        _folder.Write("20B_tokenizer.json", "{}"u8);
        Assert.Equal(_folder["20B_tokenizer.json"], ModelFolder.Open(_folder.Path).VocabularyPath);
    }

    [Fact]
    public void Nothing_there_is_a_missing_file() => Assert.Contains("nowhere", Assert.Throws<FileNotFoundException>(() => ModelFolder.Open("nowhere")).Message, StringComparison.Ordinal);

    [Fact]
    public void An_empty_folder_says_what_was_expected() =>
        Assert.Contains("expected model.safetensors", Refusal(), StringComparison.Ordinal);

    [Fact]
    public void Several_checkpoints_are_listed_and_one_can_be_named()
    {
        Weights("a.safetensors", "emb.weight");
        Weights("b.safetensors", "head.weight");
        Assert.Contains("(a.safetensors, b.safetensors)", Refusal(), StringComparison.Ordinal);
        Json("""{ "checkpoints": ["b.safetensors"] }""");
        Assert.Equal([_folder["b.safetensors"]], ModelFolder.Open(_folder.Path).CheckpointFiles);
    }

    [Fact]
    public void Several_vocabularies_are_listed_and_one_can_be_named()
    {
        Weights("model.safetensors", "emb.weight");
        _folder.Write("rwkv_vocab_1.txt", ""u8);
        _folder.Write("rwkv_vocab_2.txt", ""u8);
        Assert.Contains("rwkv_vocab_1.txt, rwkv_vocab_2.txt", Refusal(), StringComparison.Ordinal);
        Json("""{ "vocabulary": "rwkv_vocab_2.txt" }""");
        Assert.Equal(_folder["rwkv_vocab_2.txt"], ModelFolder.Open(_folder.Path).VocabularyPath);
        Json("""{ "vocabulary": "gone.txt" }""");
        Assert.Contains("'gone.txt'", Refusal(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("VisualRWKV-v060-3B-v1.0-20240612", "visualrwkv-v6.0", ImagePlacement.Sandwich, ImageScan.Bidirectional, "\n\n")]
    [InlineData("VisualRWKV-v0612-1B6-v1.0-20241016", "visualrwkv-hd", ImagePlacement.Sandwich, ImageScan.Bidirectional, "\n\n")]
    [InlineData("VisualRWKV-v0613-1B6-v1.0-20241016", "visualrwkv-uhd", ImagePlacement.Sandwich, ImageScan.Bidirectional, "\n\n")]
    [InlineData("VisualRWKV-v0700-0B4-v1.0-20250109", "visualrwkv-v7.0", ImagePlacement.ImageFirst, ImageScan.Unidirectional, "\n\n")]
    [InlineData("rwkv7-g1d-0.4b-20260210-ctx8192", "rwkv7-g1", ImagePlacement.ImageFirst, ImageScan.Unidirectional, "\n\nUser:")]
    [InlineData("RWKV-x060-World-1B6-v2.1-20240328-ctx4096", "rwkv-world", ImagePlacement.ImageFirst, ImageScan.Unidirectional, "\n\nUser:")]
    [InlineData("anything", "rwkv-world", ImagePlacement.ImageFirst, ImageScan.Unidirectional, "\n\nUser:")]
    public void Published_files_are_known_by_name(string file, string preset, ImagePlacement placement, ImageScan scan, string stop)
    {
        Weights(file + ".safetensors", "emb.weight");
        var found = Preset();
        Assert.Equal((preset, placement, scan), (found.Name, found.ImagePlacement, found.ImageScan));
        Assert.Equal([stop], found.StopSequences);
    }

    [Theory]
    [InlineData("r_k", "visualrwkv-v7")]
    [InlineData("time_maa_x", "visualrwkv-v6")]
    [InlineData("time_decay", "visualrwkv-v5")]
    public void A_renamed_visual_checkpoint_is_known_by_its_tensors(string tensor, string preset)
    {
        Weights("model.safetensors", "rwkv.blocks.0.att." + tensor, "vit.x");
        Assert.Equal(preset, Preset().Name);
    }

    [Fact]
    public void The_folders_own_file_has_the_last_word()
    {
        Weights("VisualRWKV-v060-3B.safetensors", "emb.weight");
        Json("""
            {
              // what the tensors cannot say
              "name": "mine", "imagePlacement": "imageFirst", "imageScan": "multidirectional", "positionsPerImage": 49,
              "stopSequences": ["\n\n", "END"], "tools": true, "visionHeads": { "siglip": 3 },
            }
            """);
        var preset = Preset();
        Assert.Equal(("mine", ImagePlacement.ImageFirst, ImageScan.Multidirectional, 49, true), (preset.Name, preset.ImagePlacement, preset.ImageScan, preset.PositionsPerImage, preset.Tools));
        Assert.Equal(["\n\n", "END"], preset.StopSequences);
        Assert.Equal(3, ModelFolder.Open(_folder.Path).VisionHeads["siglip"]);
        Json("""{ "positionsPerImage": 16 }""");
        Assert.Equal(("visualrwkv-v6.0", 16), (Preset().Name, Preset().PositionsPerImage));
    }

    [Fact]
    public void A_byte_order_mark_before_the_folders_file_is_read_over()
    {
        Weights("model.safetensors", "emb.weight");
        _folder.Write("rwkvsk.json", [0xEF, 0xBB, 0xBF, .. """{ "name": "marked" }"""u8]);
        Assert.Equal("marked", Preset().Name);
    }

    [Fact]
    public void Adapters_and_tuned_states_are_no_checkpoints()
    {
        foreach (var name in new[] { "model-1b.safetensors", "lora.safetensors", "first.safetensors", "poet.safetensors" })
        {
            Weights(name, "emb.weight");
        }

        Json("""{ "adapter": "lora.safetensors", "adapterAlpha": 32, "adapterInitial": "first.safetensors", "initialState": "poet.safetensors" }""");
        var model = ModelFolder.Open(_folder.Path);
        Assert.Equal([_folder["model-1b.safetensors"]], model.CheckpointFiles);
        Assert.Equal(new AdapterOptions { Path = _folder["lora.safetensors"], Alpha = 32, InitialPath = _folder["first.safetensors"] }, model.Adapter);
        Assert.Equal(_folder["poet.safetensors"], model.InitialStatePath);

        Json("""{ "checkpoints": ["model-1b.safetensors"], "initialState": "gone.pth" }""");
        Assert.Contains("'gone.pth'", Assert.Throws<ModelFormatException>(() => ModelFolder.Open(_folder.Path).InitialStatePath).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{ "adapter": "../lora.pth" }""", "adapter")]
    [InlineData("""{ "initialState": "/tmp/state.pth" }""", "initialState")]
    [InlineData("""{ "adapter": "lora.pth", "adapterAlpha": -1 }""", "adapterAlpha")]
    [InlineData("""{ "adapterAlpha": 16 }""", "adapterAlpha")]
    [InlineData("""{ "stops": [] }""", "stops")]
    [InlineData("""{ "imageScan": "diagonal" }""", "imageScan")]
    [InlineData("""{ "imageScan": 7 }""", "imageScan")]
    [InlineData("""{ "positionsPerImage": 0 }""", "positionsPerImage")]
    [InlineData("""{ "positionsPerImage": "many" }""", "positionsPerImage")]
    [InlineData("""{ "stopSequences": [""] }""", "stopSequences")]
    [InlineData("""{ "stopSequences": [null] }""", "stopSequences")]
    [InlineData("""{ "checkpoints": ["../other.pth"] }""", "checkpoints")]
    [InlineData("""{ "checkpoints": [] }""", "checkpoints")]
    [InlineData("""{ "checkpoints": ["gone.pth"] }""", "gone.pth")]
    [InlineData("""{ "vocabulary": "/etc/passwd" }""", "vocabulary")]
    [InlineData("""{ "visionHeads": { "sonar": 2 } }""", "visionHeads")]
    [InlineData("""{ "tools": true, "tools": false }""", "tools")]
    [InlineData("null", "found null")]
    [InlineData("[", "rwkvsk.json")]
    public void A_wrong_folder_file_is_refused_by_the_key(string json, string finding)
    {
        Weights("model.safetensors", "emb.weight");
        Json(json);
        var refusal = Refusal();
        Assert.Contains("rwkvsk.json", refusal, StringComparison.Ordinal);
        Assert.Contains(finding, refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void The_folders_file_does_not_speak_of_checkpoints_it_does_not_name()
    {
        Weights("a.safetensors", "emb.weight");
        Weights("b.safetensors", "emb.weight");
        Json("""{ "name": "only a", "checkpoints": ["a.safetensors"] }""");
        using var weights = ModelFolder.Open(_folder["b.safetensors"]).OpenWeights();
        Assert.Equal("rwkv-world", ModelFolder.Open(_folder["b.safetensors"]).ResolvePreset(weights).Name);
        Assert.Equal("only a", ModelFolder.Open(_folder["a.safetensors"]).ResolvePreset(weights).Name);
    }

    private void Weights(string file, params string[] names) =>
        SafetensorsWriter.Write(_folder[file], names.Select(static name => SafetensorsTensor.From(name, [1], new float[] { 1 })));

    private void Json(string text) => File.WriteAllText(_folder["rwkvsk.json"], text);

    private string Refusal() => Assert.Throws<ModelFormatException>(() => ModelFolder.Open(_folder.Path)).Message;

    private ModelPreset Preset()
    {
        var model = ModelFolder.Open(_folder.Path);
        using var weights = model.OpenWeights();
        return model.ResolvePreset(weights);
    }
}
