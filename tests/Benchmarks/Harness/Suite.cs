using System.CommandLine;
using RwkvSk.Engine;

namespace RwkvSk.Benchmarks.Harness;

/// <summary>What every suite is told.</summary>
internal sealed record Settings(int Rounds, int Threads, Device Device);

/// <summary>A command and what it measures.</summary>
internal sealed record Suite(Command Command, Action<ParseResult, Settings, Report> Run);
