using System.Diagnostics;
using System.Security.Cryptography;

namespace RwkvSk.TestKit.Cuda;

/// <summary>The GPU's kernels compiled for the host by whatever C++ compiler there is, once per state of their sources.</summary>
internal static class KernelShim
{
    private static readonly string[] Compilers = ["c++", "g++", "clang++", "clang++-19"];
    private static readonly Lazy<string> Library = new(Build);

    /// <summary>Where the sources lie beside the tests.</summary>
    public static string Sources { get; } = Path.Combine(AppContext.BaseDirectory, "CudaSources");

    /// <summary>Why there is no library; empty where there is one.</summary>
    public static string SkipReason => Compiler() is null ? $"the GPU's kernels are tested on the host only where there is a C++ compiler ({string.Join(", ", Compilers)})" : "";

    /// <summary>The kernels.</summary>
    /// <param name="isReversed">Whether a block's last thread runs first.</param>
    public static KernelLibrary Load(bool isReversed = false) => KernelLibrary.Load(Library.Value, isReversed ? "rwkvsk_launch_reversed" : "rwkvsk_launch");

    /// <summary>A program's full path, null where the search path has none.</summary>
    public static string? Find(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);

    /// <summary>Runs a program to its end.</summary>
    public static void Run(string program, string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var said = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"'{program} {string.Join(' ', arguments)}' ended with {process.ExitCode}: {said}");
        }
    }

    /// <summary>The C++ compiler's full path, null where there is none.</summary>
    public static string? Compiler() => OperatingSystem.IsLinux() ? Compilers.Select(Find).FirstOrDefault(static path => path is not null) : null;

    private static string Build()
    {
        var compiler = Compiler() ?? throw new InvalidOperationException(SkipReason);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in Directory.EnumerateFiles(Sources, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            hash.AppendData(File.ReadAllBytes(file));
        }

        var library = Path.Combine(Path.GetTempPath(), $"rwkvsk-kernels-{Convert.ToHexStringLower(hash.GetHashAndReset())[..16]}.so");
        if (!File.Exists(library))
        {
            // Several test programs may come here at once: each builds its own, and moving it is one act.
            var mine = $"{library}.{Environment.ProcessId}";
            Run(compiler, Path.Combine(Sources, "host"), "-std=c++20", "-O2", "-march=native", "-ffp-contract=off", "-shared", "-fPIC", "shim.cpp", "-o", mine);
            File.Move(mine, library, overwrite: true);
        }

        return library;
    }
}
