using System.Net;
using AMA.Archive.Ids;

namespace AMA.Gateway.Smtp.Protocol;

/// <summary>Which recipients are ours, and whose source a client is. Answers at once, from memory.</summary>
public interface IDirectoryBook
{
    RecipientAnswer Find(MailPath recipient);

    /// <summary>Every tenant that a client may deliver to, each with the source that says so.</summary>
    SourceAnswer SourcesOf(ClientProof client);

    /// <summary>One more message for this tenant; false: it has had as many in this minute as it may.</summary>
    bool TakesOneMore(TenantId tenant);

    /// <summary>Since the back end was heard last; null: it was not.</summary>
    TimeSpan? Age => null;
}

public enum RecipientVerdict
{
    /// <summary>Ours: tenant and mailbox are set.</summary>
    Known,

    /// <summary>Certainly not ours.</summary>
    Unknown,

    /// <summary>Not in a directory that is missing or may be out of date.</summary>
    NotNow,

    /// <summary>Another region of ours takes mail for this domain.</summary>
    OtherRegion,
}

/// <param name="Suspended">Its mail is put off.</param>
/// <param name="MessageBytesMax">The tenant's own limit; null: none.</param>
public readonly record struct RecipientAnswer(
    RecipientVerdict Verdict, TenantId Tenant, MailboxId Mailbox, bool Suspended = false, long? MessageBytesMax = null)
{
    public static RecipientAnswer Unknown => new(RecipientVerdict.Unknown, default, default);
    public static RecipientAnswer NotNow => new(RecipientVerdict.NotNow, default, default);
    public static RecipientAnswer OtherRegion => new(RecipientVerdict.OtherRegion, default, default);
    public static RecipientAnswer Known(TenantId tenant, MailboxId mailbox) =>
        new(RecipientVerdict.Known, tenant, mailbox);
}

/// <summary>What a client has shown of itself so far.</summary>
/// <param name="Certificate">SHA-256 over its DER, 64 lower-case hex digits; null: none.</param>
/// <param name="Identity">Who it signed in as; null: nobody.</param>
public readonly record struct ClientProof(IPAddress Address, string? Certificate, string? Identity);

/// <param name="IsCertain">
/// False: the directory is missing or may be out of date, so a source that isn't here may be one all the same.
/// </param>
public sealed record SourceAnswer(bool IsCertain, IReadOnlyList<TenantSource> Sources)
{
    public Guid? Of(TenantId tenant)
    {
        foreach (var source in Sources)
        {
            if (source.Tenant == tenant) return source.Source;
        }
        return null;
    }
}

public readonly record struct TenantSource(TenantId Tenant, Guid Source);
