using RwkvSk.Engine.Kernels.Cpu;
using Xunit;

namespace RwkvSk.Engine.Tests.Kernels.Cpu;

public unsafe class WorkerPoolTests
{
    [Theory]
    [InlineData(1, true), InlineData(2, true), InlineData(2, false), InlineData(7, true), InlineData(7, false)]
    public void Every_block_of_every_pass_is_committed_once(int threads, bool isRepeatable)
    {
        using var pool = new WorkerPool(threads, scratchFloats: 1);
        for (var round = 0; round < 500; round++)
        {
            var pass = new CountingPass(1 + (round % 97), isRepeatable);
            pool.Run(pass);
            Assert.All(pass.Commits, static count => Assert.Equal(1, count));
        }
    }

    [Fact]
    public void A_block_whose_worker_is_held_up_is_done_by_another()
    {
        using var pool = new WorkerPool(2, scratchFloats: 1);
        using var heldUp = new ManualResetEventSlim();
        using var release = new ManualResetEventSlim();
        var pass = new HeldUpPass(8, Environment.CurrentManagedThreadId, heldUp, release);
        pool.Run(pass);                       // returns although the worker still waits inside its block
        Assert.All(pass.Commits, static count => Assert.Equal(1, count));
        release.Set();

        var next = new CountingPass(50, isRepeatable: true);
        pool.Run(next);
        Assert.All(next.Commits, static count => Assert.Equal(1, count));
        Assert.All(pass.Commits, static count => Assert.Equal(1, count));   // the late one did not commit
    }

    [Fact]
    public void Passes_after_a_long_pause_find_the_workers_again()
    {
        using var pool = new WorkerPool(3, scratchFloats: 1);
        for (var round = 0; round < 5; round++)
        {
            Thread.SpinWait(2_000_000);       // longer than the workers spin
            var pass = new CountingPass(64, isRepeatable: false);
            pool.Run(pass);
            Assert.All(pass.Commits, static count => Assert.Equal(1, count));
        }
    }

    private class CountingPass(int blocks, bool isRepeatable) : Pass
    {
        public int[] Commits { get; } = new int[blocks];

        public override int BlockCount => Commits.Length;

        public override int ScratchFloats => 1;

        public override bool IsRepeatable => isRepeatable;

        public override void Compute(int block, float* scratch) => *scratch = block;

        public override void Commit(int block, float* scratch) => Interlocked.Add(ref Commits[block], *scratch == block ? 1 : 1000);
    }

    // The caller waits until the worker is inside a block, and the worker stays there until it is let go.
    private sealed class HeldUpPass(int blocks, int caller, ManualResetEventSlim heldUp, ManualResetEventSlim release) : CountingPass(blocks, isRepeatable: true)
    {
        public override void Compute(int block, float* scratch)
        {
            if (Environment.CurrentManagedThreadId == caller)
            {
                heldUp.Wait();
            }
            else
            {
                heldUp.Set();
                release.Wait();
            }

            base.Compute(block, scratch);
        }
    }
}
