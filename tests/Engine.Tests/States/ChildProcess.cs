using System.Diagnostics;
using RwkvSk.Engine.Kernels.Cpu;
using RwkvSk.Engine.States;
using RwkvSk.TestKit;
using Xunit.Runner.InProc.SystemConsole;

namespace RwkvSk.Engine.Tests.States;

/// <summary>This test program as another process, which does one of the tasks below instead of running tests. What it prints is read line by line.</summary>
internal sealed class ChildProcess : IDisposable
{
    private const string Task = "RWKVSK_TEST_CHILD";

    private readonly Process _process;

    private ChildProcess(Process process) => _process = process;

    /// <summary>Puts snapshots into a folder for ever, a line after each.</summary>
    public static ChildProcess WritingTo(string folder, long maximumBytes, int seed) => Start($"write|{folder}|{maximumBytes}|{seed}");

    /// <summary>Captures a state with other vector instructions and saves it.</summary>
    public static ChildProcess CapturingWithoutAvx512(string model, string path) =>
        Start($"capture|{model}|{path}", ("DOTNET_EnableAVX512", "0"), ("DOTNET_EnableAVX512F", "0"), ("ATEN_CPU_CAPABILITY", "avx2"), ("ONEDNN_MAX_CPU_ISA", "AVX2"), ("MKL_ENABLE_INSTRUCTIONS", "AVX2"));

    /// <summary>Runs the kernels' tests with some vector instructions left out.</summary>
    /// <param name="instructions">As the runtime's switches call them, without <c>DOTNET_Enable</c>.</param>
    /// <param name="level">The width that must be left; the child fails if it has another.</param>
    public static ChildProcess TestingKernelsWithout(string instructions, SimdLevel level) => Start($"kernels|{level}", ($"DOTNET_Enable{instructions}", "0"));

    /// <summary>Whether this process is one that a test has started.</summary>
    public static bool IsChild => Environment.GetEnvironmentVariable(Task) is { Length: > 0 };

    /// <summary>The next line it prints; null when it has ended.</summary>
    public Task<string?> ReadLineAsync(CancellationToken cancellationToken) => _process.StandardOutput.ReadLineAsync(cancellationToken).AsTask();

    /// <summary>Ends it at once, wherever it is: SIGKILL where there are signals.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>Waits for its end.</summary>
    public async Task<int> WaitAsync(CancellationToken cancellationToken)
    {
        await _process.WaitForExitAsync(cancellationToken);
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
    }

    /// <summary>Does the task of a child, if this process is one.</summary>
    public static async Task<bool> DidItsTaskAsync()
    {
        if (Environment.GetEnvironmentVariable(Task) is not { Length: > 0 } task)
        {
            return false;
        }

        await DoAsync(task.Split('|'));
        return true;
    }

    private static ChildProcess Start(string task, params ReadOnlySpan<(string Name, string Value)> environment)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath!) == "dotnet")
        {
            start.ArgumentList.Add(typeof(ChildProcess).Assembly.Location);
        }

        start.Environment[Task] = task;
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return new ChildProcess(Process.Start(start)!);
    }

    private static async Task DoAsync(string[] task)
    {
        switch (task)
        {
            case ["write", var folder, var bytes, var seed]:
                using (var store = new DiskSnapshotStore(folder, long.Parse(bytes, System.Globalization.CultureInfo.InvariantCulture)))
                {
                    var random = new Random(int.Parse(seed, System.Globalization.CultureInfo.InvariantCulture));
                    while (true)
                    {
                        var key = random.Next(1000);
                        await store.PutAsync(SnapshotStoreLaws.Info(key), SnapshotStoreLaws.Payload(key, DiskSnapshotStoreTests.PayloadBytes), default);
                        Console.WriteLine(key);
                    }
                }

            case ["capture", var model, var path]:
                var options = new EngineOptions { SnapshotSecret = new byte[16] };
                using (var engine = CrossMachineTests.Load(model, options, out _))
                {
                    await engine.SaveSnapshotAsync(await engine.CaptureAsync(CrossMachineTests.Beginning), path);
                }

                break;
            case ["kernels", var level]:
                if (SimdLevels.Best.ToString() != level)
                {
                    throw new InvalidOperationException($"The kernels run at {SimdLevels.Best}, expected {level}.");
                }

                string[] tests = ["*.VectorKernelsTests.*", "*.PackedMatrixTests.*", "*.CpuWkvTests.*", "*.CpuDecoderGoldenTests.States_*", "*.CpuDecoderLawTests.A_batch_*"];
                if (await ConsoleRunner.Run([.. tests.SelectMany(static test => new[] { "-method", test }), "-noColor"]) != 0)
                {
                    throw new InvalidOperationException("Tests failed.");
                }

                break;
            default:
                throw new InvalidOperationException($"no such task: {task[0]}");
        }
    }
}
