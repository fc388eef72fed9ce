using AMA.Archive.Access;
using AMA.Grains.Interfaces.Control;

namespace AMA.Grains.Control.Directory;

/// <summary>
/// A region's tenants and their journal addresses. A value; steps throw <see cref="ControlException"/>, whose messages
/// name no tenant and no address, since they end up in logs.
/// </summary>
public sealed record DirectoryState
{
    public const int TenantsMax = 100_000;

    /// <summary>Grows with every change of the addresses or of the queue keys published.</summary>
    public long Version { get; init; }

    public DirectoryTenant[] Tenants { get; init; } = [];

    /// <summary>Weeks of the queue keys that this version published.</summary>
    public ulong[] QueueWeeks { get; init; } = [];

    public DirectoryTenant? Find(string name) => Array.Find(Tenants, tenant => tenant.Name == name);

    /// <summary>The tenant's name, addresses and domains as they will be kept, each checked to be free.</summary>
    public (string Name, string[] Addresses, string[] Domains) Check(NewTenant tenant)
    {
        var name = tenant.Name?.Trim().ToLowerInvariant();
        if (!DirectoryRules.IsTenantName(name))
            throw Invalid("A tenant's name has 1 to 64 characters of a-z, 0-9 and -.");
        if (Find(name!) is not null) throw Conflict("There is a tenant of that name already.");
        if (Tenants.Length >= TenantsMax) throw Invalid($"A region has at most {TenantsMax} tenants.");
        var addresses = (tenant.JournalAddresses ?? []).Select(Address).ToArray();
        if (addresses.Length is 0 or > DirectoryRules.JournalAddressesMax)
            throw Invalid($"A tenant has 1 to {DirectoryRules.JournalAddressesMax} journal addresses.");
        if (addresses.Distinct().Count() != addresses.Length) throw Invalid("A journal address is listed twice.");
        var taken = Tenants.SelectMany(other => other.Journals).Select(journal => journal.Address).ToHashSet();
        if (addresses.Any(taken.Contains)) throw Conflict("One of the journal addresses is another tenant's.");
        var domains = (tenant.JournalDomains ?? []).Select(Domain).Distinct().ToArray();
        if (domains.Length > SourceRules.DomainsMax)
            throw Invalid($"A tenant has at most {SourceRules.DomainsMax} journal domains.");
        CheckFree(addresses, domains, taken);
        return (name!, addresses, domains);
    }

    /// <summary>
    /// A whole domain is one tenant's: no address in it is another's, or mail for a misspelt one would reach the wrong
    /// archive.
    /// </summary>
    private void CheckFree(string[] addresses, string[] domains, HashSet<string> takenAddresses)
    {
        var takenDomains = Tenants.SelectMany(other => other.Domains).Select(domain => domain.Address).ToHashSet();
        if (domains.Any(takenDomains.Contains) || addresses.Any(address => takenDomains.Contains(DomainOf(address))))
            throw Conflict("One of the journal domains is another tenant's.");
        if (domains.Length > 0 && takenAddresses.Select(DomainOf).Intersect(domains).Any())
            throw Conflict("Another tenant has a journal address in one of the journal domains.");
    }

    private static string DomainOf(string address) => address[(address.IndexOf('@') + 1)..];

    private static string Domain(string text) => SourceRules.TryDomain(text, out var domain)
        ? domain
        : throw Invalid("A journal domain is a host name, such as journal.example.com.");

    public DirectoryState Add(DirectoryTenant tenant) =>
        this with { Version = Version + 1, Tenants = [.. Tenants, tenant] };

    public DirectoryState Replace(DirectoryTenant tenant) => this with
    {
        Version = Version + 1, Tenants = [.. Tenants.Select(other => other.Id == tenant.Id ? tenant : other)],
    };

    private static string Address(string text) => DirectoryRules.TryJournalAddress(text, out var address)
        ? address
        : throw Invalid("A journal address has a local part of letters, digits and signs, an @, and a host name.");

    private static ControlException Invalid(string why) => new(ControlRefusal.Invalid, why);
    private static ControlException Conflict(string why) => new(ControlRefusal.Conflict, why);
}

public sealed record DirectoryTenant(Guid Id, string Name, DateTimeOffset CreatedAt, Journal[] Journals)
{
    /// <summary>Domains of which every address is the tenant's.</summary>
    public Journal[] Domains { get; init; } = [];

    /// <summary>Who may send its mail; at least one.</summary>
    public MailSource[] Sources { get; init; } = [];

    public bool Suspended { get; init; }

    public long? MessageBytesMax { get; init; }

    public int? MessagesPerMinuteMax { get; init; }
}

/// <param name="Address">Or a domain.</param>
/// <param name="Mailbox">Random: stands for the address wherever a name could be seen.</param>
public sealed record Journal(string Address, Guid Mailbox);
