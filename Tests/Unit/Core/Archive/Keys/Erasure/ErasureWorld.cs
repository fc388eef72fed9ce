using AMA.Archive.Blobs;
using AMA.Archive.Ids;
using AMA.Archive.Keys.Erasure;
using AMA.Tests.Unit.Core.Archive.Blobs;
using AMA.Tests.Unit.Core.Archive.Sealing;
using Microsoft.Extensions.Time.Testing;

namespace AMA.Tests.Unit.Core.Archive.Keys.Erasure;

/// <summary>Control's stores, roots and backup in memory, put together as its silo does.</summary>
internal sealed class ErasureWorld : IDisposable
{
    private readonly SeededRandom _random;
    private readonly List<ErasureKeys> _keys = [];

    public ErasureWorld(int seed)
    {
        _random = new(seed);
        RootA = new(_random, Clock);
        RootB = new(_random, Clock);
        Open();
    }

    public FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 3, 4, 5, 6, 7, TimeSpan.Zero));

    public MemoryBlobStore FilesA { get; set; } = new();
    public MemoryBlobStore FilesB { get; } = new();
    public MemoryBlobStore Offsite { get; } = new();
    public RootInMemory RootA { get; }
    public RootInMemory RootB { get; }
    public ErasableStore A { get; private set; } = null!;
    public ErasableStore B { get; private set; } = null!;
    public TwinStore Both { get; private set; } = null!;
    public ErasureRound Round { get; private set; } = null!;

    /// <summary>As a process that starts anew, on what the one before had made durable.</summary>
    public void Open()
    {
        var backup = new OffsiteBackup(Offsite);
        A = Store(FilesA, RootA, backup, "a");
        B = Store(FilesB, RootB, backup, "b");
        Both = new(A, B, _random, StateVersion.GenerationOf);
        Round = new(Both, [new("a", A), new("b", B)], backup, Clock);
    }

    public async Task RoundAsync(CancellationToken cancel)
    {
        await foreach (var name in Round.NamesAsync(null, cancel))
            if (await Round.ReadAsync(name, cancel) is not null) await Round.RewrapAsync(name, cancel);
    }

    public void Dispose()
    {
        foreach (var keys in _keys) keys.Dispose();
    }

    private ErasableStore Store(MemoryBlobStore files, RootInMemory root, OffsiteBackup backup, string name)
    {
        var keys = new ErasureKeys(() => root, Region.Eu, _random, Clock);
        _keys.Add(keys);
        return new(new BackedUpStore(files, backup, name, ErasableStore.IsErasable), keys, Region.Eu, _random);
    }
}
