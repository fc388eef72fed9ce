using AMA.Archive.Ids;

namespace AMA.Gateway.Smtp.Protocol;

/// <summary>Which recipients are ours. Answers at once, from memory.</summary>
public interface IRecipientBook
{
    RecipientAnswer Find(MailPath recipient);
}

public enum RecipientVerdict
{
    /// <summary>Ours: tenant and mailbox are set.</summary>
    Known,

    /// <summary>Certainly not ours.</summary>
    Unknown,

    /// <summary>Not in a directory that is missing or may be out of date.</summary>
    NotNow,
}

public readonly record struct RecipientAnswer(RecipientVerdict Verdict, TenantId Tenant, MailboxId Mailbox)
{
    public static RecipientAnswer Unknown => new(RecipientVerdict.Unknown, default, default);
    public static RecipientAnswer NotNow => new(RecipientVerdict.NotNow, default, default);
    public static RecipientAnswer Known(TenantId tenant, MailboxId mailbox) =>
        new(RecipientVerdict.Known, tenant, mailbox);
}
