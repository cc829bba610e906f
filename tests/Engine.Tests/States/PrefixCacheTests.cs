using RwkvSk.Engine.States;
using Xunit;

namespace RwkvSk.Engine.Tests.States;

public sealed class PrefixCacheTests
{
    private static readonly StateLayout Layout = new(1, 1, 4);
    private static readonly long EntryBytes = Layout.Bytes + PrefixCache.EntryOverhead;

    [Fact]
    public void Only_a_state_that_nobody_else_has_seen_is_recycled()
    {
        var recycled = new List<StateSnapshot>();
        var cache = new PrefixCache(2 * EntryBytes, recycle: recycled.Add);
        var (unseen, found, shared, last) = (Snapshot(1), Snapshot(2), Snapshot(3), Snapshot(4));
        cache.TryAdd(Key(1), null, 1, Layout, () => unseen, isShared: false);
        cache.TryAdd(Key(2), null, 1, Layout, () => found, isShared: false);
        cache.Find(Key(2));
        cache.Remove(Key(1));
        cache.Remove(Key(2));
        cache.TryAdd(Key(3), null, 1, Layout, () => shared);
        cache.Remove(Key(3));
        cache.TryAdd(Key(4), null, 1, Layout, () => last, isShared: false);
        cache.TryAdd(Key(5), null, 1, Layout, () => Snapshot(5));
        cache.TryAdd(Key(6), null, 1, Layout, () => Snapshot(6));   // evicts the fourth
        Assert.Equal([unseen, last], recycled);
    }

    [Fact]
    public void What_was_added_is_found_and_nothing_else_is()
    {
        var cache = new PrefixCache(10 * EntryBytes);
        var snapshot = Snapshot(3);

        Assert.True(cache.TryAdd(Key(1), null, 3, Layout, () => snapshot));

        Assert.Same(snapshot, cache.Find(Key(1)));
        Assert.Null(cache.Find(Key(2)));
        Assert.Equal(EntryBytes, cache.Bytes);
    }

    [Fact]
    public void A_state_that_is_held_is_not_copied_again()
    {
        var cache = new PrefixCache(10 * EntryBytes);
        Add(cache, 1, cost: 3);

        Assert.True(cache.TryAdd(Key(1), null, 3, Layout, () => throw new InvalidOperationException("copied")));
    }

    [Fact]
    public void A_state_larger_than_the_budget_is_never_copied()
    {
        var cache = new PrefixCache(EntryBytes - 1);

        Assert.False(cache.CouldHold(Layout));
        Assert.False(cache.TryAdd(Key(1), null, 3, Layout, () => throw new InvalidOperationException("copied")));
        Assert.Equal(0, cache.Bytes);
    }

    [Fact]
    public void Room_is_made_before_a_state_is_copied()
    {
        var cache = new PrefixCache(2 * EntryBytes);
        Add(cache, 1, cost: 1);
        Add(cache, 2, cost: 1);

        cache.TryAdd(Key(3), null, 1, Layout, () =>
        {
            Assert.Equal(EntryBytes, cache.Bytes);
            return Snapshot(1);
        });

        Assert.Equal(2 * EntryBytes, cache.Bytes);
        Assert.Equal(1, cache.Evictions);
    }

    [Fact]
    public void A_copy_that_fails_leaves_the_cache_whole()
    {
        var cache = new PrefixCache(2 * EntryBytes);
        Add(cache, 1, cost: 1);

        Assert.Throws<ArithmeticException>(() => cache.TryAdd(Key(2), null, 1, Layout, () => throw new ArithmeticException()));

        Assert.Equal(EntryBytes, cache.Bytes);
        Assert.False(cache.Contains(Key(2)));
        Add(cache, 2, cost: 1);
        Assert.Equal(2, cache.Count);
    }

    [Fact]
    public void Among_equals_the_one_unused_for_longest_goes() =>
        AssertEvicted(2, cache =>
        {
            Add(cache, 1, cost: 10);
            Add(cache, 2, cost: 10);
            Add(cache, 3, cost: 10);
            cache.Find(Key(1));
        });

    [Fact]
    public void What_costs_least_to_read_again_goes_first() =>
        AssertEvicted(2, static cache =>
        {
            Add(cache, 1, cost: 500);
            Add(cache, 2, cost: 5);
            Add(cache, 3, cost: 50);
        });

    [Fact]
    public void What_is_used_often_outlives_what_is_dearer() =>
        AssertEvicted(1, static cache =>
        {
            Add(cache, 1, cost: 50);
            Add(cache, 2, cost: 20);
            Add(cache, 3, cost: 500);
            cache.Find(Key(2));
            cache.Find(Key(2));
        });

    [Fact]
    public void Who_was_read_on_from_one_that_went_is_dearer_by_its_cost()
    {
        var cache = new PrefixCache(3 * EntryBytes);
        Add(cache, 1, cost: 30);
        Add(cache, 2, cost: 40, parent: 1);
        Add(cache, 3, cost: 60);

        Add(cache, 4, cost: 45);   // 1 goes; 2 now costs 70
        Add(cache, 5, cost: 200);  // 4 would be next by cost, with the clock at 30: 75; 3 stays at 60

        Assert.False(cache.Contains(Key(1)));
        Assert.False(cache.Contains(Key(3)));
        Assert.True(cache.Contains(Key(2)));
    }

    [Fact]
    public void A_dear_state_nobody_wants_any_more_goes_in_the_end()
    {
        var cache = new PrefixCache(2 * EntryBytes);
        Add(cache, 0, cost: 1000);

        for (var i = 1; i < 300; i++)
        {
            Add(cache, i, cost: 10);
        }

        Assert.False(cache.Contains(Key(0)));
    }

    [Fact]
    public void What_is_pinned_stays_and_counts()
    {
        var cache = new PrefixCache(2 * EntryBytes);
        Add(cache, 1, cost: 1);
        Assert.True(cache.TryPin(Key(1)));
        Assert.False(cache.TryPin(Key(7)));

        Add(cache, 2, cost: 100);
        Add(cache, 3, cost: 100);

        Assert.True(cache.Contains(Key(1)));
        Assert.False(cache.Contains(Key(2)));
        Assert.Equal((2 * EntryBytes, EntryBytes), (cache.Bytes, cache.PinnedBytes));
    }

    [Fact]
    public void Where_everything_is_pinned_nothing_is_copied_and_nothing_goes()
    {
        var cache = new PrefixCache(2 * EntryBytes);
        Add(cache, 1, cost: 1);
        Add(cache, 2, cost: 1);
        cache.TryPin(Key(1));
        cache.TryPin(Key(2));
        cache.TryPin(Key(2));

        Assert.False(cache.TryAdd(Key(3), null, 3, Layout, static () => throw new InvalidOperationException("copied")));
        Assert.Equal(0, cache.Evictions);

        cache.Unpin(Key(2));
        Assert.False(cache.TryAdd(Key(3), null, 3, Layout, static () => throw new InvalidOperationException("copied")));   // pinned twice
        cache.Unpin(Key(2));
        Add(cache, 3, cost: 3);
        Assert.False(cache.Contains(Key(2)));
    }

    [Fact]
    public void A_scope_past_its_share_makes_room_among_its_own()
    {
        var cache = new PrefixCache(10 * EntryBytes, scopeBudget: 2 * EntryBytes);
        Add(cache, 1, cost: 1);
        for (var i = 10; i < 20; i++)
        {
            Add(cache, i, cost: 1000, scope: 5);
        }

        Add(cache, 30, cost: 1, scope: 6);

        Assert.True(cache.Contains(Key(1)) && cache.Contains(Key(30)));
        Assert.Equal(2, Enumerable.Range(10, 10).Count(i => cache.Contains(Key(i))));
        Assert.Equal(8, cache.Evictions);
    }

    [Fact]
    public void Pins_of_a_scope_count_towards_its_share()
    {
        var cache = new PrefixCache(10 * EntryBytes, scopeBudget: EntryBytes);
        Add(cache, 1, cost: 1, scope: 5);
        cache.TryPin(Key(1));

        Assert.False(cache.TryAdd(Key(2), null, 3, Layout, static () => throw new InvalidOperationException("copied"), Key(5)));
        Assert.True(cache.Contains(Key(1)));
    }

    [Fact]
    public void A_scope_is_forgotten_whole_and_alone()
    {
        var cache = new PrefixCache(10 * EntryBytes);
        Add(cache, 1, cost: 1);
        Add(cache, 2, cost: 1, scope: 5);
        Add(cache, 3, cost: 1, scope: 5);
        Add(cache, 4, cost: 1, scope: 6);
        cache.TryPin(Key(2));

        Assert.Equal(2, cache.RemoveScope(Key(5)));

        Assert.Equal([1, 4], Enumerable.Range(1, 4).Where(i => cache.Contains(Key(i))));
        Assert.Equal((2 * EntryBytes, 0), (cache.Bytes, cache.PinnedBytes));
        Assert.True(cache.Remove(Key(1)));
        Assert.False(cache.Remove(Key(1)));
    }

    [Fact]
    public void With_pins_and_scopes_over_random_operations_no_budget_is_ever_passed()
    {
        var random = new Random(21);
        var (budget, share) = ((30 * EntryBytes) + 100, 8 * EntryBytes);
        var cache = new PrefixCache(budget, share);
        var pins = new Dictionary<int, int>();

        for (var i = 0; i < 100_000; i++)
        {
            var key = random.Next(120);   // of scope key % 6; 0 is nobody's
            switch (random.Next(5))
            {
                case 0:
                    cache.Find(Key(key));
                    break;
                case 1 when pins.Values.Sum() < 12 && cache.TryPin(Key(key)):
                    pins[key] = pins.GetValueOrDefault(key) + 1;
                    break;
                case 2 when pins.GetValueOrDefault(key) > 0:
                    cache.Unpin(Key(key));
                    pins[key]--;
                    break;
                case 3 when random.Next(50) == 0:
                    cache.RemoveScope(Key(1000 + (key % 6)));
                    foreach (var mine in pins.Keys.Where(other => other % 6 == key % 6 && key % 6 != 0).ToArray())
                    {
                        pins.Remove(mine);
                    }

                    break;
                default:
                    cache.TryAdd(Key(key), null, random.Next(100), Layout, () => Snapshot(key), key % 6 == 0 ? null : Key(1000 + (key % 6)));
                    break;
            }

            Assert.True(cache.Bytes <= budget);
            Assert.Equal(cache.Count * EntryBytes, cache.Bytes);
            Assert.Equal(pins.Count(static pin => pin.Value > 0) * EntryBytes, cache.PinnedBytes);
            if (i % 100 == 0)
            {
                Assert.All(pins.Where(static pin => pin.Value > 0), pin => Assert.True(cache.Contains(Key(pin.Key))));
                for (var scope = 1; scope < 6; scope++)
                {
                    Assert.True(Enumerable.Range(0, 120).Count(k => k % 6 == scope && cache.Contains(Key(k))) <= 8);
                }
            }
        }

        Assert.True(cache.Evictions > 1000);
    }

    [Fact]
    public void The_policy_to_compare_with_looks_at_the_last_use_alone()
    {
        var cache = new PrefixCache(2 * EntryBytes, policy: EvictionPolicy.LeastRecent);
        Add(cache, 1, cost: 1000);
        Add(cache, 2, cost: 1);
        cache.Find(Key(2));

        Add(cache, 3, cost: 1);

        Assert.False(cache.Contains(Key(1)));
    }

    [Fact]
    public void Over_random_operations_it_agrees_with_a_naive_dictionary_and_never_passes_its_budget()
    {
        var random = new Random(20);
        var budget = 37 * EntryBytes + 100;
        var cache = new PrefixCache(budget);
        var naive = new Dictionary<PrefixKey, StateSnapshot>();   // everything ever added: a cache may know less, never other
        long hits = 0;

        for (var i = 0; i < 100_000; i++)
        {
            var key = Key(Math.Min(random.Next(200), random.Next(200)));
            switch (random.Next(3))
            {
                case 0:
                    if (cache.Find(key) is { } found)
                    {
                        Assert.Same(naive[key], found);
                        hits++;
                    }

                    break;
                case 1:
                    var held = cache.Contains(key);
                    var snapshot = Snapshot(i);
                    Assert.True(cache.TryAdd(key, Key(random.Next(200)), random.Next(100), Layout, () => snapshot));
                    naive[key] = held ? naive[key] : snapshot;
                    Assert.Same(naive[key], cache.Find(key));
                    break;
                default:
                    Assert.False(cache.Contains(key) && !naive.ContainsKey(key));
                    break;
            }

            Assert.True(cache.Bytes <= budget);
            Assert.Equal(cache.Count * EntryBytes, cache.Bytes);
        }

        Assert.Equal(37, cache.Count);
        Assert.True(hits > 1000);
        Assert.True(cache.Evictions > 1000);
    }

    [Fact]
    public void Equal_calls_evict_equally()
    {
        Assert.Equal(Survivors(), Survivors());

        static List<int> Survivors()
        {
            var random = new Random(3);
            var cache = new PrefixCache(20 * EntryBytes);
            for (var i = 0; i < 5000; i++)
            {
                Add(cache, random.Next(100), random.Next(50));
                cache.Find(Key(random.Next(100)));
            }

            return [.. Enumerable.Range(0, 100).Where(i => cache.Contains(Key(i)))];
        }
    }

    private static void AssertEvicted(int expected, Action<PrefixCache> arrange)
    {
        var cache = new PrefixCache(3 * EntryBytes);
        arrange(cache);

        Add(cache, 99, cost: 1);

        Assert.Equal(expected, Assert.Single(new[] { 1, 2, 3 }, i => !cache.Contains(Key(i))));
    }

    private static void Add(PrefixCache cache, int key, long cost, int? parent = null, int? scope = null) =>
        Assert.True(cache.TryAdd(Key(key), parent is { } p ? Key(p) : null, cost, Layout, () => Snapshot(cost), scope is { } s ? Key(s) : null));

    private static PrefixKey Key(int name) => PrefixKey.Root(BitConverter.GetBytes(name));

    private static StateSnapshot Snapshot(long position) => new(Layout, position, new float[Layout.Length]);
}
