using RwkvSk.Engine.States;
using RwkvSk.TestKit;
using Xunit;

namespace RwkvSk.Engine.Tests.States;

public sealed class ImageCacheTests
{
    [Fact]
    public void A_picture_is_held_until_the_budget_wants_its_place_and_then_freed()
    {
        var cache = new ImageCache(budget: 2500);
        var pictures = Enumerable.Range(0, 3).Select(_ => new FakeImageEmbeddings(1, 0) { Bytes = 1000 }).ToArray();

        for (var i = 0; i < pictures.Length; i++)
        {
            cache.Add(Name(i), pictures[i]);
            cache.Release(Name(i));
        }

        Assert.Equal([true, false, false], pictures.Select(static p => p.IsDisposed));
        Assert.Equal(2000, cache.Bytes);
        Assert.Null(cache.Rent(Name(0)));
        Assert.Same(pictures[1], cache.Rent(Name(1)));
    }

    [Fact]
    public void The_least_recently_used_goes_first()
    {
        var cache = new ImageCache(budget: 2500);
        var pictures = Enumerable.Range(0, 3).Select(_ => new FakeImageEmbeddings(1, 0)).ToArray();
        Put(cache, 0, pictures[0]);
        Put(cache, 1, pictures[1]);
        cache.Rent(Name(0));
        cache.Release(Name(0));

        Put(cache, 2, pictures[2]);

        Assert.Equal([false, true, false], pictures.Select(static p => p.IsDisposed));
    }

    [Fact]
    public void A_picture_that_is_about_to_be_read_is_never_freed()
    {
        var cache = new ImageCache(budget: 0);
        var picture = new FakeImageEmbeddings(1, 0);
        cache.Add(Name(1), picture);
        Assert.Same(picture, cache.Rent(Name(1)));

        cache.Release(Name(1));
        Assert.False(picture.IsDisposed);   // the other renting still stands
        cache.Release(Name(1));

        Assert.True(picture.IsDisposed);
        Assert.Equal(0, cache.Bytes);
    }

    [Fact]
    public void Clearing_frees_everything()
    {
        var cache = new ImageCache(budget: 10_000);
        var picture = new FakeImageEmbeddings(1, 0);
        Put(cache, 1, picture);

        cache.Clear();

        Assert.True(picture.IsDisposed);
        Assert.Equal(0, cache.Bytes);
    }

    private static void Put(ImageCache cache, int name, FakeImageEmbeddings picture)
    {
        cache.Add(Name(name), picture);
        cache.Release(Name(name));
    }

    private static Digest Name(int name) => Digest.Of(BitConverter.GetBytes(name));
}
