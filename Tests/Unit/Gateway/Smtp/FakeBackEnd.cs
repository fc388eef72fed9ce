using AMA.Archive.Access;
using AMA.Archive.Ids;
using AMA.Archive.Keys;
using AMA.Gateway.Smtp.Link;
using AMA.Grains.Interfaces.Archive;
using AMA.Tests.Unit.Core.Archive.Blobs;

namespace AMA.Tests.Unit.Gateway.Smtp;

/// <summary>
/// The production cluster as a gateway sees it, with Control behind it. Each call to the relay is scripted.
/// </summary>
internal sealed class FakeBackEnd : IBackEnd, IRelayGrain, ISpoolReaderGrain, IDisposable
{
    private readonly SeededIds _random = new(1);
    private readonly CertificateAuthority _authority;
    private readonly DateTimeOffset _now;

    public FakeBackEnd(DateTimeOffset now)
    {
        _now = now;
        _authority = CertificateAuthority.Create(Region.Eu, now);
        Seed = Secret.Random(_random);
    }

    public Secret Seed { get; }

    /// <summary>Answers Next; by default there is no news, for ever.</summary>
    public Func<long, Task<RelayedDocuments?>> OnNext { get; set; } =
        _ => new TaskCompletionSource<RelayedDocuments?>().Task;

    public Task Ready { get; set; } = Task.CompletedTask;

    public int Woken { get; private set; }

    public Exception? WakeFault { get; set; }

    public IRelayGrain Relay(Region region) => this;

    public ISpoolReaderGrain SpoolReader(Region region) => this;

    public Task<RelayedDocuments?> Next(Guid gateway, long knownVersion) => OnNext(knownVersion);

    public Task<SpoolSources> Sources(Guid? tenant) => throw new NotSupportedException();

    public Task<bool> Publish(long version) => throw new NotSupportedException();

    /// <summary>What Control's enrolment endpoint would give.</summary>
    public PeerPapers Papers()
    {
        var draft = new PeerDraft();
        var certificate = _authority.Issue(
            new PeerIdentity(Region.Eu, PeerRole.Gateway, "smtp-1"), draft.PublicKey, _now, TimeSpan.FromHours(24), _random);
        return draft.Complete(certificate, [_authority.Certificate], SignedDocument.PublicKeyOf(Seed));
    }

    public Task Wake()
    {
        Woken++;
        return WakeFault is { } fault ? Task.FromException(fault) : Task.CompletedTask;
    }

    public Task<SpoolView> Status(Guid? tenant) => throw new NotSupportedException();

    public Task<QueuedView?> Find(Guid segment, uint recNo, Guid? tenant) => throw new NotSupportedException();

    public Task<QueueView> Queued(Guid tenant) => throw new NotSupportedException();

    public RelayedDocuments Documents(
        long version, string address, Secret? signer = null, Region region = Region.Eu, bool swapped = false)
    {
        var directory = new DirectoryDocument(
            version, region, _now,
            [new(FixedBook.One.Value, false, null, null, [new(address, FixedBook.Mailbox.Value)], [], [])]);
        var keys = new QueueKeysDocument(region, _now,
        [
            new QueueKeyEntry(1, _random.NextBytes(32), _now.AddDays(-8), _now.AddDays(22)),
            new QueueKeyEntry(2, _random.NextBytes(32), _now.AddDays(-1), _now.AddDays(29)),
            new QueueKeyEntry(3, _random.NextBytes(32), _now.AddDays(6), _now.AddDays(36)),
        ]);
        var (first, second) = (directory.Sign(signer ?? Seed), keys.Sign(signer ?? Seed));
        return swapped ? new(version, second, first) : new(version, first, second);
    }

    public void Dispose()
    {
        _authority.Dispose();
        Seed.Dispose();
    }
}
