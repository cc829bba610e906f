using RwkvSk.Engine.Weights;
using RwkvSk.TestKit;
using Xunit;

namespace RwkvSk.Engine.Tests.Weights;

public sealed class PickleMachineTests
{
    [Theory]
    [InlineData("os", "system")]
    [InlineData("builtins", "eval")]
    [InlineData("posix", "getpid")]
    [InlineData("numpy.core.multiarray", "_reconstruct")]
    [InlineData("torch", "load")]
    [InlineData("torch._utils", "_rebuild_tensor_v2.__globals__")]
    [InlineData("collections", "OrderedDict.fromkeys")]
    public void Names_outside_the_list_are_refused_even_if_never_called(string module, string name)
    {
        AssertRefused(new PickleAssembler().Global(module, name), $"'{module}.{name}'");
        AssertRefused(new PickleAssembler().Text(module).Text(name).Raw(0x93), $"'{module}.{name}'");
    }

    [Theory]
    [InlineData((byte)'i', "INST")]
    [InlineData((byte)'o', "OBJ")]
    [InlineData(0x81, "NEWOBJ")]
    [InlineData(0x92, "NEWOBJ_EX")]
    [InlineData(0x82, "EXT")]
    [InlineData((byte)'P', "PERSID")]
    [InlineData((byte)'2', "DUP")]
    [InlineData((byte)'0', "POP")]
    [InlineData(0x97, "0x97")]
    public void Other_instructions_are_refused_by_name(byte code, string name) => AssertRefused(new PickleAssembler().Raw(code), name);

    [Theory]
    [InlineData("}(", "where there is none")]
    [InlineData("}}", "goes on after its end")]
    [InlineData("", "where there is none")]
    [InlineData("t", "never opened")]
    [InlineData("(R", "where there is none")]
    [InlineData("N(\u0085", "where there is none")]
    [InlineData("}h\u0005", "never memorised")]
    [InlineData("N(u", "never opened|other than a dict")]
    [InlineData("}(Nu", "a key without a value")]
    [InlineData("NNa", "other than a list")]
    [InlineData("}}b", "other than an OrderedDict")]
    [InlineData("}NR", "something that is no name")]
    [InlineData("NQ", "persistent id")]
    [InlineData("\u0080\u0009", "protocol 9")]
    [InlineData("X\u00ff\u00ff\u00ff\u00ff", "string of 4294967295 bytes")]
    [InlineData("X\u0002\u0000\u0000\u0000\u00ff\u00ff", "not UTF-8")]
    [InlineData("\u008a\u0009aaaaaaaaa", "integer of 9 bytes")]
    [InlineData("ctorch", "without an end")]
    public void Damaged_programs_are_refused(string codes, string finding)
    {
        var refusal = Refusal(new PickleAssembler().Code(codes));
        Assert.Contains(finding.Split('|'), part => refusal.Contains(part, StringComparison.Ordinal));
    }

    [Fact]
    public void Bytes_after_the_end_are_refused() => AssertRefused(new PickleAssembler().Code("}.N"), "goes on after its end");

    [Fact]
    public void Deep_nesting_is_refused() => AssertRefused(new PickleAssembler().Code(new string('(', 65)), "nests deeper");

    [Fact]
    public void Endless_programs_are_refused() => AssertRefused(new PickleAssembler().Code(string.Concat(Enumerable.Repeat("q\0", 1_000_001)).Insert(0, "}")), "instructions");

    [Fact]
    public void A_huge_stack_is_refused() => AssertRefused(new PickleAssembler().Code(new string('N', 500_001)), "stacks more");

    [Fact]
    public void A_key_that_comes_twice_is_refused() =>
        AssertRefused(new PickleAssembler().Code("}").Text("a").Code("Ns").Text("a").Code("Ns"), "key 'a' twice");

    [Theory]
    [InlineData("FloatStorage")]
    [InlineData("OrderedDict")]
    public void A_name_called_with_other_arguments_is_refused(string name) =>
        AssertRefused(new PickleAssembler().Global(name == "OrderedDict" ? "collections" : "torch", name).Code("N\u0085R"), name);

    [Fact]
    public void Values_are_read_as_data()
    {
        var pickle = new PickleAssembler().Code("}(").Text("int").Code("J\u00fe\u00ff\u00ff\u00ff").Text("short").Code("M\u0001\u0002").Text("long").Integer(-5)
            .Text("float").Code("G\u003f\u00f8\0\0\0\0\0\0").Text("none").Code("N").Text("list").Code("](K\u0001K\u0002e").Code("K\u0003Nu").Finish();
        var dict = Assert.IsType<PickleDict>(PickleMachine.Read("a.pth", pickle));
        Assert.Equal(-2L, dict.Items["int"]);
        Assert.Equal(0x201L, dict.Items["short"]);
        Assert.Equal(-5L, dict.Items["long"]);
        Assert.Equal(1.5, dict.Items["float"]);
        Assert.Null(dict.Items["none"]);
        Assert.Equal([1L, 2L], Assert.IsType<PickleList>(dict.Items["list"]));
        Assert.Equal(6, dict.Items.Count);   // the entry with the key 3 names no tensor
    }

    private static void AssertRefused(PickleAssembler pickle, string finding) => Assert.Contains(finding, Refusal(pickle), StringComparison.Ordinal);

    private static string Refusal(PickleAssembler pickle)
    {
        var message = Assert.Throws<ModelFormatException>(() => PickleMachine.Read("a.pth", pickle.Finish())).Message;
        Assert.StartsWith("'a.pth': the pickle", message, StringComparison.Ordinal);
        return message;
    }
}
