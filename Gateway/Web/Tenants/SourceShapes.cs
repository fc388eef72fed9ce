using System.Text.Json.Serialization;
using AMA.Grains.Interfaces.Archive;

namespace AMA.Gateway.Web.Tenants;

/// <summary>A source to add: who may send the tenant's mail.</summary>
/// <param name="Kind">
/// "auth": a user and a password are made; "network": clients in it; "certificate": clients that show it.
/// </param>
/// <param name="Cidr">With kind network: 192.0.2.0/24, 2001:db8::/32, or one address.</param>
/// <param name="Sha256">With kind certificate: SHA-256 of the certificate (DER) in hex.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record NewSourceShape(string Kind, string? Cidr = null, string? Sha256 = null);

/// <summary>A tenant's sources.</summary>
/// <param name="Items">All of them, without passwords.</param>
public sealed record SourcesShape(SourceShape[] Items);

/// <summary>One way for a tenant's mail to come.</summary>
/// <param name="Id">Its id; the record of each message names it.</param>
/// <param name="Kind">"auth", "network" or "certificate".</param>
/// <param name="User">Of kind auth: whom the mail server signs in as.</param>
/// <param name="Password">Of kind auth, only where it was made just now; it cannot be read again.</param>
/// <param name="Cidr">Of kind network.</param>
/// <param name="Sha256">Of kind certificate.</param>
/// <param name="ExpectedSeconds">It is silent when nothing came for longer; null: nothing is expected.</param>
public sealed record SourceShape(
    string Id, string Kind, string? User, string? Password, string? Cidr, string? Sha256, int? ExpectedSeconds)
{
    /// <summary>What came from it; null where that isn't asked, or can't be known now.</summary>
    public SourceCountsShape? Counts { get; init; }

    public override string ToString() => "[source]";
}

/// <summary>What came from a source: accepted = archived + duplicates + waiting.</summary>
/// <param name="Accepted">Deliveries that were answered with 250 and read from the queue.</param>
/// <param name="Archived">Of them, those that became records.</param>
/// <param name="Duplicates">Those whose bytes were a record already.</param>
/// <param name="Waiting">Those that are read and not archived yet.</param>
/// <param name="Bytes">Of archived and duplicates, as received.</param>
/// <param name="LastSeen">When something of it was accepted last (UTC); null: never.</param>
/// <param name="SilentSince">Since when it is overdue (UTC); null: it is not, or nothing is expected.</param>
public sealed record SourceCountsShape(
    long Accepted, long Archived, long Duplicates, long Waiting, long Bytes, DateTime? LastSeen, DateTime? SilentSince)
{
    internal static SourceCountsShape Of(SourceCountView? view) => view is null
        ? new(0, 0, 0, 0, 0, null, null)
        : new(
            view.Accepted, view.Archived, view.Duplicates, view.Waiting, view.MessageBytes,
            view.LastSeen?.UtcDateTime, view.SilentSince?.UtcDateTime);
}

/// <summary>What changes of a source.</summary>
/// <param name="ExpectedSeconds">300 to 2,678,400: nothing for longer is an alarm; 0: nothing is expected.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record SourceChangeShape(int ExpectedSeconds);

/// <summary>What changes of a tenant; the rest stays.</summary>
/// <param name="Suspended">True: its mail is put off (450) until it is false again.</param>
/// <param name="MessageBytesMax">The largest message in bytes, at least 65,536; 0 takes the limit away.</param>
/// <param name="MessagesPerMinuteMax">Messages in a minute at each SMTP gateway; 0 takes the limit away.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record TenantChangeShape(
    bool? Suspended = null, long? MessageBytesMax = null, int? MessagesPerMinuteMax = null);
