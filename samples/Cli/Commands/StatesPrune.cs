using System.CommandLine;
using System.Globalization;
using RwkvSk.Engine.States;

namespace RwkvSk.Cli.Commands;

/// <summary><c>states prune</c>: removes what matches every condition that is given; engines that use the folder meanwhile read it anew.</summary>
internal static class StatesPrune
{
    public static Command Create()
    {
        var (folder, secret) = (StatesCommand.FolderArgument(), StatesCommand.SecretOption());
        var days = new Option<double?>("--unused-days") { Description = "What was not used for so many days." }.AtLeast(0);
        var bytes = new Option<long?>("--max-bytes") { Description = "What was unused for longest, until so many bytes are left." }.AtLeast(0);
        var tenant = new Option<string?>("--tenant") { Description = "What belongs to a tenant (CacheScope); needs the secret it was sealed with." };
        var unsound = new Option<bool>("--unsound") { Description = "What does not bear its seal." };
        var dry = new Option<bool>("--dry-run") { Description = "Says what would go and removes nothing." };
        var command = new Command("prune", "Removes states. At least one condition is needed.") { folder, secret, days, bytes, tenant, unsound, dry };
        command.Validators.Add(result =>
        {
            if (new Option[] { days, bytes, tenant, unsound }.All(option => result.GetResult(option) is null))
            {
                result.AddError("Which ones? Give --unused-days, --max-bytes, --tenant or --unsound.");
            }
        });
        command.SetAction(async (parse, cancel) =>
        {
            var path = parse.GetRequiredValue(folder);
            var seal = StatesFolder.Seal(parse.GetValue(secret));
            var chosen = StatesFolder.Open(path).Entries().OrderBy(static entry => entry.File.UsedAt).ToList();
            if (parse.GetValue(days) is { } unusedDays)
            {
                var limit = TimeProvider.System.GetUtcNow().AddDays(-unusedDays);
                chosen.RemoveAll(entry => entry.File.UsedAt > limit);
            }

            if (parse.GetValue(tenant) is { } scope)
            {
                var tag = seal.ScopeTag(scope);
                chosen.RemoveAll(entry => entry.File.Scope != tag);
            }

            if (parse.GetValue(unsound))
            {
                chosen.RemoveAll(entry => entry.Check(seal) is null);
            }

            if (parse.GetValue(bytes) is { } most)
            {
                var left = StatesFolder.Open(path).Entries().Sum(static entry => entry.File.Bytes);
                chosen = [.. chosen.TakeWhile(entry =>
                {
                    var isTooMuch = left > most;
                    left -= entry.File.Bytes;
                    return isTooMuch;
                })];
            }

            if (!parse.GetValue(dry))
            {
                using var store = new DiskSnapshotStore(path, long.MaxValue);
                foreach (var entry in chosen)
                {
                    await store.RemoveAsync(entry.File.Key, cancel);
                }
            }

            await parse.InvocationConfiguration.Output.WriteLineAsync(
                string.Create(CultureInfo.InvariantCulture, $"{chosen.Count} states, {chosen.Sum(static entry => entry.File.Bytes):N0} bytes {(parse.GetValue(dry) ? "would go" : "removed")}"));
        });
        return command;
    }
}
