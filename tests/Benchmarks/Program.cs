using System.CommandLine;
using RwkvSk.Benchmarks.Harness;
using RwkvSk.Benchmarks.Suites;
using RwkvSk.Engine;
using RwkvSk.Engine.Models;

namespace RwkvSk.Benchmarks;

/// <summary>One command per suite; see <c>PERFORMANCE.md</c> for what is run for the report.</summary>
internal static class Program
{
    public static Task<int> Main(string[] args)
    {
        var rounds = new Option<int>("--rounds") { Description = "Samples of each case; medians are reported.", DefaultValueFactory = static _ => 15, Recursive = true };
        var json = new Option<bool>("--json") { Description = "One line of JSON instead of markdown.", Recursive = true };
        var output = new Option<string?>("--out") { Description = "A file for the report instead of the terminal.", Recursive = true };
        var threads = new Option<int>("--threads") { Description = "Threads for the arithmetic.", DefaultValueFactory = static _ => Environment.ProcessorCount, Recursive = true };
        var device = new Option<Device>("--device") { Description = "Where the model suite runs: cpu or cuda.", DefaultValueFactory = static _ => Device.Cpu, Recursive = true };
        var root = new RootCommand("Measures RwkvSk on this machine. Cases run interleaved; read the ratios.") { rounds, json, output, threads, device };
        Add(LimitsSuite.Create());
        Add(KernelSuite.Create());
        Add(SparseSuite.Create());
        Add(ModelSuite.Create());
        Add(CacheSuite.Create());
        Add(PrefixSuite.Create());
        Add(TraceSuite.Create());
        Add(SchedulerSuite.Create());
        Add(MaskSuite.Create());
        Add(SoakSuite.Create());
        Add(QualitySuite.Create());
        Add(VisionSuite.Create());
        Add(GpuSuite.Create());
        return root.Parse(args).InvokeAsync();

        void Add(Suite suite)
        {
            suite.Command.SetAction(parse =>
            {
                LibTorchLoader.EnsureLoaded();
                var report = new Report(static title => Console.Error.WriteLine($"  {title}"));
                try
                {
                    suite.Run(parse, new Settings(parse.GetValue(rounds), parse.GetValue(threads), parse.GetValue(device)), report);
                }
                catch (LibTorchException exception)
                {
                    Console.Error.WriteLine(exception.Message);
                    return 2;
                }

                var text = parse.GetValue(json) ? report.ToJson() : report.ToMarkdown();
                if (parse.GetValue(output) is { } path)
                {
                    File.WriteAllText(path, text);
                }
                else
                {
                    Console.Out.WriteLine(text);
                }

                return report.Broken.Count == 0 ? 0 : 1;
            });
            root.Add(suite.Command);
        }
    }
}
