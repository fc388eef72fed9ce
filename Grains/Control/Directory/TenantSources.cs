using AMA.Archive.Access;
using AMA.Archive.Ids;
using AMA.Grains.Interfaces.Control;
using System.Text;

namespace AMA.Grains.Control.Directory;

/// <summary>Steps on a tenant's sources and limits, without side effects. They throw <see cref="ControlException"/>.</summary>
internal static class TenantSources
{
    /// <summary>40 bits in a user's name: two of one tenant don't meet.</summary>
    private const int UserDigits = 8;

    /// <summary>The smallest limit that is a limit and not a mistake.</summary>
    private const long MessageBytesMin = 64 << 10;

    /// <summary>With the source and, of kind auth, the secret that nobody can read again.</summary>
    public static (DirectoryTenant Tenant, MailSource Source, string? Secret) Add(
        DirectoryTenant tenant, NewSource wanted, IRandom random)
    {
        if (tenant.Sources.Length >= SourceRules.SourcesMax)
            throw Invalid($"A tenant has at most {SourceRules.SourcesMax} sources.");
        var secret = wanted.Kind == "auth" ? SourceSecret.New(random) : null;
        var source = Make(tenant, wanted, random, secret);
        if (tenant.Sources.Any(other => other.Kind == source.Kind && other.Match == source.Match))
            throw new ControlException(ControlRefusal.Conflict, "The tenant has this source already.");
        return (tenant with { Sources = [.. tenant.Sources, source] }, source, secret);
    }

    public static (DirectoryTenant Tenant, MailSource Source) Remove(DirectoryTenant tenant, Guid id)
    {
        var source = Find(tenant, id);
        if (tenant.Sources.Length == 1)
            throw new ControlException(
                ControlRefusal.Conflict, "It is the tenant's last source; add another one before you remove it.");
        return (tenant with { Sources = [.. tenant.Sources.Where(one => one.Id != id)] }, source);
    }

    /// <param name="seconds">0: whenever it likes. The interval counts from <paramref name="now"/> on.</param>
    public static (DirectoryTenant Tenant, MailSource Source) Expect(
        DirectoryTenant tenant, Guid id, int seconds, DateTimeOffset now)
    {
        var source = Find(tenant, id);
        if (seconds is not 0 and (< SourceRules.ExpectedSecondsMin or > SourceRules.ExpectedSecondsMax))
            throw Invalid($"expectedSeconds is {SourceRules.ExpectedSecondsMin} to {SourceRules.ExpectedSecondsMax}, "
                + "or 0 for whenever it likes.");
        var changed = seconds == 0
            ? source with { ExpectedSeconds = null, ExpectedSince = null }
            : source with { ExpectedSeconds = seconds, ExpectedSince = now };
        return (tenant with { Sources = [.. tenant.Sources.Select(one => one.Id == id ? changed : one)] }, changed);
    }

    private static MailSource Find(DirectoryTenant tenant, Guid id) => Array.Find(tenant.Sources, one => one.Id == id)
        ?? throw new ControlException(ControlRefusal.NotFound, "The tenant has no such source.");

    public static DirectoryTenant Change(DirectoryTenant tenant, TenantChange change)
    {
        if (change.MessageBytesMax is < 0 or (> 0 and < MessageBytesMin) || change.MessagesPerMinuteMax < 0)
            throw Invalid($"A message's limit is {MessageBytesMin} bytes or more, or 0 for none; so is a minute's, from 1 on.");
        return tenant with
        {
            Suspended = change.Suspended ?? tenant.Suspended,
            MessageBytesMax = change.MessageBytesMax is { } bytes ? (bytes == 0 ? null : bytes) : tenant.MessageBytesMax,
            MessagesPerMinuteMax =
                change.MessagesPerMinuteMax is { } most ? (most == 0 ? null : most) : tenant.MessagesPerMinuteMax,
        };
    }

    public static SourceView View(MailSource source, string? secret = null) => new(
        source.Id, source.Kind.ToString().ToLowerInvariant(),
        source.Kind == SourceKind.Auth ? source.Match : null, secret,
        source.Kind == SourceKind.Network ? source.Match : null,
        source.Kind == SourceKind.Certificate ? source.Match : null, source.ExpectedSeconds);

    private static MailSource Make(DirectoryTenant tenant, NewSource wanted, IRandom random, string? secret)
    {
        if (wanted.Kind != "network" && wanted.Cidr is not null || wanted.Kind != "certificate" && wanted.Sha256 is not null)
            throw Invalid("cidr goes with kind network, sha256 with kind certificate.");
        return wanted.Kind switch
        {
            "auth" => new(
                random.NextId(), SourceKind.Auth, $"{tenant.Name}.{SourceSecret.New(random)[..UserDigits]}",
                SourceSecret.Hash(Encoding.UTF8.GetBytes(secret!))),
            "network" when SourceRules.TryNetwork(wanted.Cidr, out var network) =>
                new(random.NextId(), SourceKind.Network, network, null),
            "network" => throw Invalid(
                "cidr is a network such as 192.0.2.0/24 or one address: host bits 0, at least /8 (IPv6: /19)."),
            "certificate" when SourceRules.TryFingerprint(wanted.Sha256, out var fingerprint) =>
                new(random.NextId(), SourceKind.Certificate, fingerprint, null),
            "certificate" => throw Invalid("sha256 is the SHA-256 of the certificate in 64 hex digits."),
            _ => throw Invalid("kind is auth, network or certificate."),
        };
    }

    private static ControlException Invalid(string why) => new(ControlRefusal.Invalid, why);
}
