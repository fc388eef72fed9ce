using AMA.Archive.Access;
using AMA.Archive.Ids;
using AMA.Gateway.Smtp.Protocol;

namespace AMA.Gateway.Smtp.Link;

/// <summary>One version of the region's directory, for looking up recipients.</summary>
internal sealed class AddressBook
{
    private readonly Dictionary<string, RecipientAnswer> _entries;

    public AddressBook(DirectoryDocument directory)
    {
        Version = directory.Version;
        _entries = directory.Entries.ToDictionary(
            entry => entry.Address,
            entry => RecipientAnswer.Known(new TenantId(entry.Tenant), new MailboxId(entry.Mailbox)),
            StringComparer.Ordinal);
    }

    public long Version { get; }

    public bool TryFind(MailPath recipient, out RecipientAnswer answer) =>
        _entries.TryGetValue(recipient.Key, out answer);
}
