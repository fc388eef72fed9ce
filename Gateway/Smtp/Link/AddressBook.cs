using AMA.Archive.Access;
using AMA.Archive.Ids;
using AMA.Gateway.Smtp.Protocol;

namespace AMA.Gateway.Smtp.Link;

/// <summary>One version of the region's directory, for looking up recipients and sources.</summary>
internal sealed class AddressBook
{
    private readonly Dictionary<string, RecipientAnswer> _addresses = new(StringComparer.Ordinal);
    private readonly Dictionary<string, RecipientAnswer> _domains = new(StringComparer.Ordinal);
    private readonly Dictionary<TenantId, int> _messagesPerMinute = [];

    public AddressBook(DirectoryDocument directory)
    {
        Version = directory.Version;
        Sources = new SourceIndex(directory.Tenants);
        foreach (var tenant in directory.Tenants) Add(tenant);
    }

    public long Version { get; }

    public SourceIndex Sources { get; }

    /// <summary>The address itself; without it the address before the "+"; without that its whole domain.</summary>
    public bool TryFind(MailPath recipient, out RecipientAnswer answer)
    {
        var key = recipient.Key;
        if (_addresses.TryGetValue(key, out answer)) return true;
        var (plus, at) = (key.IndexOf('+'), key.LastIndexOf('@'));
        if (at < 0) return false;
        var isSub = plus > 0 && plus < at && key[0] != '"';
        return (isSub && _addresses.TryGetValue(key[..plus] + key[at..], out answer))
            || _domains.TryGetValue(key[(at + 1)..], out answer);
    }

    /// <summary>Null: as many as it likes.</summary>
    public int? MessagesPerMinuteMax(TenantId tenant) =>
        _messagesPerMinute.TryGetValue(tenant, out var most) ? most : null;

    private void Add(PublishedTenant published)
    {
        var tenant = new TenantId(published.Tenant);
        foreach (var (address, mailbox) in published.Addresses) _addresses[address] = Known(mailbox);
        foreach (var (domain, mailbox) in published.Domains) _domains[domain] = Known(mailbox);
        if (published.MessagesPerMinuteMax is { } most) _messagesPerMinute[tenant] = most;

        RecipientAnswer Known(Guid mailbox) => RecipientAnswer.Known(tenant, new MailboxId(mailbox)) with
        {
            Suspended = published.Suspended, MessageBytesMax = published.MessageBytesMax,
        };
    }
}
