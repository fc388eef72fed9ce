using AMA.Archive.Ids;
using AMA.Gateway.Smtp.Protocol;

namespace AMA.Tests.Unit.Gateway.Smtp;

/// <summary>Two tenants: journal@one.example and more@one.example, journal@two.example.</summary>
internal sealed class FixedBook : IRecipientBook
{
    public static readonly TenantId One = new(new Guid("00000000-0000-0000-0000-000000000001"));
    public static readonly TenantId Two = new(new Guid("00000000-0000-0000-0000-000000000002"));
    public static readonly MailboxId Mailbox = new(new Guid("00000000-0000-0000-0000-00000000000a"));

    /// <summary>What is not known is not known for certain.</summary>
    public bool IsStale { get; set; }

    public RecipientAnswer Find(MailPath recipient) => recipient.Key switch
    {
        "journal@one.example" or "more@one.example" or "zoë@one.example" => RecipientAnswer.Known(One, Mailbox),
        "journal@two.example" => RecipientAnswer.Known(Two, Mailbox),
        _ => IsStale ? RecipientAnswer.NotNow : RecipientAnswer.Unknown,
    };
}
