using System.CommandLine;
using System.Globalization;
using RwkvSk.Engine.States;

namespace RwkvSk.Cli.Commands;

/// <summary><c>states</c>: the folder in which an engine keeps states. No command loads a model.</summary>
internal static class StatesCommand
{
    private const string Created = "yyyy-MM-dd HH:mm:ss";

    public static Command Create() => new("states", "Lists, checks, clears and moves the states that an engine keeps in a folder.")
    {
        List(), Show(), Verify(), StatesPrune.Create(), Export(), Import(),
    };

    /// <summary>FOLDER.</summary>
    internal static Argument<string> FolderArgument() => new("FOLDER") { Description = "The folder: SnapshotFolder of the options." };

    /// <summary>--secret-file.</summary>
    internal static Option<string?> SecretOption() => new("--secret-file") { Description = "A file with the SnapshotSecret that the states are sealed with." };

    private static Command List()
    {
        var (folder, json) = (FolderArgument(), new Option<bool>("--json") { Description = "One line of JSON per state." });
        var command = new Command("list", "Lists the states, the latest used first.") { folder, json };
        command.SetAction(parse =>
        {
            var output = parse.InvocationConfiguration.Output;
            var entries = StatesFolder.Open(parse.GetRequiredValue(folder)).Entries().OrderByDescending(static entry => entry.File.UsedAt).ToArray();
            foreach (var entry in entries)
            {
                output.WriteLine(parse.GetValue(json)
                    ? Json.Write(Describe(entry))
                    : string.Create(CultureInfo.InvariantCulture, $"{entry.File.Key.ToString()[..16]}  {entry.File.UsedAt.UtcDateTime.ToString(Created, CultureInfo.InvariantCulture)}  {entry.File.Bytes,12:N0}  {(entry.Header is { } header ? $"{header.Position,8:N0}  {header.ModelName}" : entry.Problem)}"));
            }

            if (!parse.GetValue(json))
            {
                output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{entries.Length} states, {entries.Sum(static entry => entry.File.Bytes):N0} bytes"));
            }
        });
        return command;
    }

    private static Command Show()
    {
        var (folder, key) = (FolderArgument(), new Argument<string>("KEY") { Description = "A state's key, or its first digits." });
        var command = new Command("show", "Shows what a state's file says of it. Nothing of it is proved before 'verify'.") { folder, key };
        command.SetAction(parse =>
        {
            var entry = StatesFolder.Open(parse.GetRequiredValue(folder)).Find(parse.GetRequiredValue(key));
            var header = entry.Header ?? throw new SnapshotFormatException(entry.Problem!);
            Tables.Write(parse.InvocationConfiguration.Output, header.ToMetadata().Select(static pair => (pair.Key, pair.Value)).Append(("bytes", entry.File.Bytes.ToString("N0", CultureInfo.InvariantCulture))).Append(("file", entry.File.Path)));
        });
        return command;
    }

    private static Command Verify()
    {
        var (folder, secret) = (FolderArgument(), SecretOption());
        var command = new Command("verify", "Checks the seal of every state.") { folder, secret };
        command.SetAction(parse =>
        {
            var states = StatesFolder.Open(parse.GetRequiredValue(folder));
            var seal = StatesFolder.Seal(parse.GetValue(secret));
            var (sound, problems) = (0, 0);
            foreach (var entry in states.Entries())
            {
                if (entry.Check(seal) is { } problem)
                {
                    parse.InvocationConfiguration.Output.WriteLine(problem);
                    problems++;
                }
                else
                {
                    sound++;
                }
            }

            parse.InvocationConfiguration.Output.WriteLine($"{sound} states are sound, {problems} are not");
            return problems == 0 ? 0 : 1;
        });
        return command;
    }

    private static Command Export()
    {
        var (folder, key, file) = (FolderArgument(), new Argument<string>("KEY") { Description = "A state's key, or its first digits." }, new Argument<string>("FILE") { Description = "Where to." });
        var command = new Command("export", "Copies a state out of the folder, as it is.") { folder, key, file };
        command.SetAction(async (parse, cancel) =>
        {
            var entry = StatesFolder.Open(parse.GetRequiredValue(folder)).Find(parse.GetRequiredValue(key));
            await AtomicFile.WriteAsync(parse.GetRequiredValue(file), await File.ReadAllBytesAsync(entry.File.Path, cancel), cancel);
        });
        return command;
    }

    private static Command Import()
    {
        var (folder, secret, files) = (FolderArgument(), SecretOption(), new Argument<string[]>("FILE") { Description = "Exported states.", Arity = ArgumentArity.OneOrMore });
        var limit = new Option<long>("--max-bytes") { Description = "Most bytes in the folder.", DefaultValueFactory = static _ => 4L << 30 }.AtLeast(1);
        var command = new Command("import", "Puts exported states into a folder, which is made where it is missing.") { folder, files, secret, limit };
        command.SetAction(async (parse, cancel) =>
        {
            var seal = StatesFolder.Seal(parse.GetValue(secret));
            using var store = new DiskSnapshotStore(parse.GetRequiredValue(folder), parse.GetValue(limit));
            foreach (var file in parse.GetRequiredValue(files))
            {
                var payload = await File.ReadAllBytesAsync(file, cancel);
                var header = SnapshotFile.Verify(payload, seal, file);
                var origin = header.Origin ?? throw new SnapshotFormatException($"'{file}' does not say which prefix it has read, so no engine would look for it.");
                var info = new SnapshotInfo
                {
                    Key = new SnapshotKey(origin.Key.Value), Scope = header.Scope, Parent = header.Parent is { } parent ? new SnapshotKey(parent.Value) : null, Position = header.Position, ReplayPositions = header.Position,
                };
                await store.PutAsync(info, payload, cancel);
                await parse.InvocationConfiguration.Output.WriteLineAsync($"{info.Key.ToString()[..16]}  {file}");
            }
        });
        return command;
    }

    private static object Describe(StatesEntry entry) => new
    {
        Key = entry.File.Key.ToString(), Scope = entry.File.Scope.ToString(), entry.File.Bytes, entry.File.UsedAt,
        Model = entry.Header?.ModelName, entry.Header?.Position, Precision = entry.Header?.Precision, entry.Header?.Created, entry.Problem, File = entry.File.Path,
    };
}
