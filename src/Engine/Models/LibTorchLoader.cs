using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace RwkvSk.Engine.Models;

/// <summary>
/// Loads libtorch and TorchSharp's native bridge before TorchSharp looks for them itself. Two things are mended here: an existing libtorch can be
/// used (<c>RWKVSK_LIBTORCH_DIR</c>), and the bridge of TorchSharp 0.107, which was linked against a newer C++ runtime than Debian 12 or
/// Ubuntu 22.04 have, is loaded from a copy whose one unused version demand is marked optional (<see cref="ElfVersionNeeds"/>).
/// </summary>
internal static partial class LibTorchLoader
{
    /// <summary>A folder with libtorch.so (or torch.dll) to use instead of the packaged one, e.g. a Python torch's <c>lib</c>.</summary>
    public const string DirectoryVariable = "RWKVSK_LIBTORCH_DIR";

    private static readonly Lock Gate = new();
    private static bool _loaded;

    /// <summary>Why the bridge could not be loaded as it was; null when nothing had to be mended.</summary>
    public static string? Remedy { get; private set; }

    /// <summary>TorchSharp's native library, for the one import that TorchSharp does not offer (<see cref="MappedTensor"/>).</summary>
    public static nint Bridge { get; private set; }

    /// <summary>Why libtorch has no CUDA here, as the rest of a sentence; null when its part for CUDA is loaded. Known after <see cref="EnsureLoaded"/>.</summary>
    public static string? NoCuda { get; private set; } = $"this libtorch has no CUDA: build with -p:Torch=cuda, or point {DirectoryVariable} at a libtorch that has it";

    /// <summary>Where a tensor's numbers begin, in the memory of its device, which libtorch does not move.</summary>
    public static unsafe nint AddressOf(Tensor tensor)
    {
        // Of libtorch's stable C interface, which takes TorchSharp's handles.
        void* address;
        var get = (delegate* unmanaged<nint, void**, int>)Export("aoti_torch_get_data_ptr");
        var failed = get(tensor.Handle, &address);
        GC.KeepAlive(tensor);
        return failed == 0 ? (nint)address : throw new LibTorchException($"libtorch does not say where a tensor of {tensor.device_type} lies.");
    }

    /// <summary>Makes libtorch usable in this process, or says why it is not.</summary>
    /// <exception cref="LibTorchException">It cannot be loaded; the message says what is missing and what to do.</exception>
    public static void EnsureLoaded()
    {
        lock (Gate)
        {
            if (_loaded)
            {
                return;
            }

            if (OperatingSystem.IsLinux())
            {
                LoadOnLinux();
            }
            else
            {
                LoadElsewhere();
            }

            TouchTorch();
            if (Bridge == 0)
            {
                Bridge = NativeLibrary.Load("LibTorchSharp", typeof(TorchSharp.torch).Assembly, null);
            }

            _loaded = true;
        }
    }

    private static void LoadOnLinux()
    {
        LimitSpinning();
        var torch = FindLibTorch();
        LoadCuda(Path.Combine(Path.GetDirectoryName(torch)!, "libtorch_cuda.so"));   // first: what it needs of libtorch lies beside it
        LoadOrExplain(torch);
        var bridge = Candidates("libLibTorchSharp.so").FirstOrDefault(File.Exists)
            ?? throw new LibTorchException($"libLibTorchSharp.so was not found. It comes with the TorchSharp package; looked in: {string.Join(", ", SearchDirectories())}.");
        try
        {
            Bridge = NativeLibrary.Load(bridge);
        }
        catch (DllNotFoundException refused) when (refused.Message.Contains("GLIBCXX_", StringComparison.Ordinal))
        {
            Remedy = $"{bridge} asks for a newer C++ runtime than this system's; a copy without that unused demand is loaded instead.";
            Bridge = LoadOrExplain(WeakenedCopy(bridge, refused));
        }
    }

    private static void LoadElsewhere()
    {
        var isWindows = OperatingSystem.IsWindows();
        if (Environment.GetEnvironmentVariable(DirectoryVariable) is { Length: > 0 } directory)
        {
            LoadCuda(Path.Combine(directory, "torch_cuda.dll"));
            NativeLibrary.Load(Path.Combine(directory, isWindows ? "torch.dll" : "libtorch.dylib"));
        }
        else if (isWindows)
        {
            foreach (var beside in Candidates("torch_cuda.dll"))
            {
                LoadCuda(beside);
            }
        }
    }

    // Without it, or where it does not load, the CPU serves.
    private static void LoadCuda(string path)
    {
        if (File.Exists(path))
        {
            try
            {
                NativeLibrary.Load(path);
                NoCuda = null;
            }
            catch (Exception exception) when (exception is DllNotFoundException or BadImageFormatException)
            {
                NoCuda = $"libtorch's part for CUDA does not load: {exception.Message}";
            }
        }
    }

    // The bridge's handle reaches what it is linked with, except on Windows.
    private static nint Export(string name) => NativeLibrary.TryGetExport(Bridge, name, out var address)
        ? address
        : NativeLibrary.GetExport(NativeLibrary.Load("torch_cpu", typeof(TorchSharp.torch).Assembly, null), name);

    // libtorch's OpenMP threads spin for milliseconds where they wait for each other. Beside any other work that takes the very core that the awaited thread needs: on two shared cores
    // reading becomes several times slower. Some microseconds bridge what lies between two operations; then they sleep. OpenMP reads this once, when it is loaded.
    private static void LimitSpinning()
    {
        if (Environment.GetEnvironmentVariable("OMP_WAIT_POLICY") is null)
        {
            _ = SetEnvironment("GOMP_SPINCOUNT", "1000", 0);
        }
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironment(string name, string value, int overwrite);

    private static string WeakenedCopy(string bridge, DllNotFoundException refused)
    {
        try
        {
            return ElfVersionNeeds.WriteWeakenedCopy(bridge);
        }
        catch (Exception exception) when (exception is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            throw new LibTorchException(
                $"TorchSharp's native library does not fit this system's C++ runtime and could not be adapted: {exception.Message} " +
                "Install a newer libstdc++ (GCC 13 or later; Ubuntu 24.04 and Debian 13 have it).", refused);
        }
    }

    private static string FindLibTorch()
    {
        var wanted = Environment.GetEnvironmentVariable(DirectoryVariable);
        if (!string.IsNullOrEmpty(wanted))
        {
            var path = Path.Combine(wanted, "libtorch.so");
            return File.Exists(path)
                ? path
                : throw new LibTorchException($"{DirectoryVariable} is '{wanted}', but there is no libtorch.so in it.");
        }

        return Candidates("libtorch.so").FirstOrDefault(File.Exists)
            ?? throw new LibTorchException(
                "libtorch was not found. Reference one native pack in the application (libtorch-cpu-linux-x64, or TorchSharp-cuda-linux for a GPU), " +
                $"or point {DirectoryVariable} at a folder with libtorch.so. Looked in: {string.Join(", ", SearchDirectories())}.");
    }

    private static IEnumerable<string> Candidates(string file) => SearchDirectories().Select(directory => Path.Combine(directory, file));

    private static IEnumerable<string> SearchDirectories()
    {
        var configured = (AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var beside = AppContext.BaseDirectory;
        return [.. configured, beside, Path.Combine(beside, "runtimes", RuntimeInformation.RuntimeIdentifier, "native"), Path.Combine(beside, "runtimes", "linux-x64", "native")];
    }

    private static nint LoadOrExplain(string path)
    {
        try
        {
            return NativeLibrary.Load(path);
        }
        catch (Exception exception) when (exception is DllNotFoundException or BadImageFormatException)
        {
            throw new LibTorchException($"'{path}' could not be loaded: {exception.Message}", exception);
        }
    }

    // TorchSharp resolves its own imports by name; what is loaded above is found first.
    private static void TouchTorch()
    {
        try
        {
            TorchSharp.torch.InitializeDeviceType(TorchSharp.DeviceType.CPU);
        }
        catch (Exception exception) when (exception is TypeInitializationException or NotSupportedException or DllNotFoundException)
        {
            throw new LibTorchException($"TorchSharp could not start: {(exception.InnerException ?? exception).Message}", exception);
        }
    }
}
