using AMA.Archive.Access;
using AMA.Archive.Ids;
using AMA.Archive.Keys;
using AMA.Grains.Control.Audit;
using AMA.Grains.Control.Keys;
using AMA.Tests.Unit.Core.Archive.Blobs;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace AMA.Tests.Unit.Grains.Control.Audit;

/// <summary>Two audit stores that can hang, be full or slow, and one off site, under a fake clock.</summary>
internal sealed class AuditWorld : IDisposable
{
    /// <summary>Only what never comes is waited for so long.</summary>
    private static readonly TimeSpan PatienceMax = TimeSpan.FromSeconds(120);

    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(200);

    private readonly Turns _turns = new();
    private readonly KeyRingSlot _slot = new();
    private readonly SeededIds _random = new(4_711);

    /// <summary>From the first await on the test runs in turns with the log it tests, as a grain does.</summary>
    public AuditWorld()
    {
        SynchronizationContext.SetSynchronizationContext(_turns);
        using var authority = CertificateAuthority.Create(Region.Eu, Clock.GetUtcNow());
        var document = new RegionKeysDocument(
            Region.Eu, Guid.Empty, [], [], [], authority.Certificate, []);
        var secrets = Enumerable.Range(0, 5).Select(_ => Secret.Random(_random)).ToArray();
        _slot.Set(new KeyRing(
            new(Guid.Empty, secrets[0]), new(Guid.Empty, secrets[1]), secrets[2],
            (new(secrets[3], default, null, []), new(new(secrets[4], authority.Certificate), default, null, [])),
            document, Clock));
        (A, B) = (new(Clock), new(Clock));
    }

    public FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 3, 4, 5, 6, 7, TimeSpan.Zero));

    public MoodyStore A { get; set; }

    public MoodyStore B { get; set; }

    public MemoryBlobStore Offsite { get; set; } = new();

    /// <summary>Where batches are appended off site; null: nowhere.</summary>
    public MemoryBlobStore? Copy { get; set; }

    public AuditStores Stores => new(A, B, Offsite) { Copies = Copy };

    public byte[] SigningKey => _slot.Ring.SigningKey;

    public async Task<AuditLog> OpenAsync()
    {
        await Task.Yield();
        var log = await new AuditOpening(Stores, _slot, _random, Clock, NullLoggerFactory.Instance).OpenAsync();
        log.Start();
        return log;
    }

    public AuditKeys Keys() => new(_slot.Ring, _random);

    public static byte[] Entry(string person) =>
        new AuditEntry(AuditAct.SignIn, true, DateTimeOffset.UnixEpoch) { Person = person }.Encode();

    /// <summary>The same log, stopped and opened again.</summary>
    public async Task<AuditLog> ReopenAsync(AuditLog log)
    {
        await StopAsync(log);
        return await OpenAsync();
    }

    public async Task StopAsync(AuditLog log)
    {
        var stopping = log.DisposeAsync().AsTask();
        await DriveUntilAsync(() => stopping.IsCompleted);
        await stopping;
    }

    public static Task AppendManyAsync(AuditLog log, int count) => AppendManyAsync(log, 0, count);

    public static async Task AppendManyAsync(AuditLog log, int first, int count)
    {
        for (var i = first; i < first + count; i++) await log.AppendAsync(Entry($"person-{i}"), null);
    }

    /// <summary>Lets the clock go on, 200 ms at a time, until the condition holds.</summary>
    public async Task DriveUntilAsync(Func<bool> condition)
    {
        var began = TimeProvider.System.GetTimestamp();
        await SettleAsync();
        while (!condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(began) < PatienceMax, "it goes on for ever");
            Clock.Advance(Step);
            await SettleAsync();
        }
    }

    /// <summary>Until nothing can go on before the clock does.</summary>
    public Task SettleAsync() => _turns.SettleAsync();

    public async Task<List<string>> PersonsAsync(MoodyStore store)
    {
        using var keys = Keys();
        var persons = new List<string>();
        await foreach (var blob in store.ListAsync(AuditBatch.Prefix, null, default))
        {
            var batch = keys.OpenBatch((await store.GetAsync(blob.Name, default))!.Content.Span);
            persons.AddRange(batch.Lines.Select(line => AuditEntry.Decode(line.Entry).Person!));
        }
        return persons;
    }

    public List<string> OffsiteNames() =>
        [.. Offsite.ListAsync("", null, default).ToBlockingEnumerable().Select(blob => blob.Name)];

    public void Dispose() => _slot.Dispose();
}
