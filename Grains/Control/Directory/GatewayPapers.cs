using AMA.Archive.Access;
using AMA.Grains.Control.Keys;
using AMA.Grains.Interfaces.Control;

namespace AMA.Grains.Control.Directory;

/// <summary>Signs the documents gateways live by, and keeps them until something in them changes.</summary>
public sealed class GatewayPapers(KeyRing ring, TimeProvider time)
{
    /// <summary>Signed anew after this long, so that a reader sees that Control still stands by them.</summary>
    public static readonly TimeSpan FreshFor = TimeSpan.FromHours(1);

    private GatewayDocuments? _kept;
    private DateTimeOffset _signedAt;

    internal GatewayDocuments Of(DirectoryState state, IReadOnlyList<QueueKey> keys)
    {
        var now = time.GetUtcNow();
        if (_kept?.DirectoryVersion == state.Version && now - _signedAt < FreshFor) return _kept;
        var directory = new DirectoryDocument(
            state.Version, ring.Region, now, [.. state.Tenants.Select(Published)]);
        var queueKeys = new QueueKeysDocument(ring.Region, now, [.. keys.Select(Published)]);
        _signedAt = now;
        return _kept = new(state.Version, directory.Sign(ring.Signing), queueKeys.Sign(ring.Signing))
        {
            SignedAt = now.ToUnixTimeMilliseconds(),
        };
    }

    private static PublishedTenant Published(DirectoryTenant tenant) => new(
        tenant.Id, tenant.Suspended, tenant.MessageBytesMax, tenant.MessagesPerMinuteMax,
        [.. tenant.Journals.Select(journal => new DirectoryAddress(journal.Address, journal.Mailbox))],
        [.. tenant.Domains.Select(domain => new DirectoryDomain(domain.Address, domain.Mailbox))], tenant.Sources);

    private static QueueKeyEntry Published(QueueKey key) => new(
        key.Week, key.Public, QueueKeySchedule.NotBefore(key.Week), QueueKeySchedule.NotAfter(key.Week));
}
