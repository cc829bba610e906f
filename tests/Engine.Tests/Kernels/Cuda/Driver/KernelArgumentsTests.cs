using RwkvSk.Engine.Kernels.Cuda.Driver;
using RwkvSk.TestKit.Cuda;
using Xunit;

namespace RwkvSk.Engine.Tests.Kernels.Cuda.Driver;

/// <summary>Arguments reach a kernel as they were given.</summary>
public unsafe class KernelArgumentsTests
{
    [Fact]
    public void Numbers_pointers_and_structures_arrive_in_order()
    {
        var seen = "";
        string? Kernel(string name, in LaunchShape shape, void** arguments)
        {
            var vector = *(Vector*)arguments[2];
            seen = $"{name} {shape.GridX}x{shape.GridY} {shape.BlockX}: {*(byte*)arguments[0]} {*(long*)arguments[1]} {vector.X} {vector.Y} {vector.Z} {*(float*)arguments[3]}";
            return null;
        }

        using var context = CudaContext.Open(new HostDriver(Kernel));
        var function = context.Load(PtxEntries.Declare(("k", ["u8", "u64", "b8[24]", "f32"]))).Function("k");
        var arguments = default(KernelArguments);
        arguments.Add((byte)200);
        arguments.Add(1L << 40);
        arguments.Add(new Vector(1, -2, 3));
        arguments.Add(0.5f);
        context.Stream.Launch(function, LaunchShape.Of(2, 64, gridY: 3), ref arguments);
        context.Stream.Synchronize();
        Assert.Equal("k 2x3 64: 200 1099511627776 1 -2 3 0.5", seen);
    }

    [Fact]
    public void More_than_a_kernel_takes_is_refused()
    {
        var arguments = default(KernelArguments);
        for (var i = 0; i < 48; i++)
        {
            arguments.Add(i);
        }

        var refused = false;
        try
        {
            arguments.Add(0);
        }
        catch (InvalidOperationException)
        {
            refused = true;
        }

        Assert.True(refused);
    }

    [Fact]
    public void Parameters_are_read_off_what_a_compiler_writes()
    {
        var entries = PtxEntries.Read("""
            .visible .entry first(
            	.param .u64 first_param_0,
            	.param .align 8 .b8 first_param_1[24],
            	.param .f32 first_param_2
            )
            .maxntid 256, 1, 1
            {
            	ret;
            }
            .visible .entry second()
            { ret; }
            .entry third (.param .u64 .ptr .align 1 third_param_0, .param .u16 third_param_1) { ret; }
            """);
        Assert.Equal([8, 24, 4], entries["first"]);
        Assert.Empty(entries["second"]);
        Assert.Equal([8, 2], entries["third"]);
    }

    private readonly record struct Vector(int X, long Y, int Z);
}
