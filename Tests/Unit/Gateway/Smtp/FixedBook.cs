using AMA.Archive.Ids;
using AMA.Gateway.Smtp.Protocol;

namespace AMA.Tests.Unit.Gateway.Smtp;

/// <summary>
/// Two tenants: journal@one.example and more@one.example, journal@two.example. Every client is a source of both, unless
/// <see cref="SourceOf"/> says otherwise.
/// </summary>
internal sealed class FixedBook : IDirectoryBook
{
    public static readonly TenantId One = new(new Guid("00000000-0000-0000-0000-000000000001"));
    public static readonly TenantId Two = new(new Guid("00000000-0000-0000-0000-000000000002"));
    public static readonly MailboxId Mailbox = new(new Guid("00000000-0000-0000-0000-00000000000a"));
    public static readonly Guid Source = new("00000000-0000-0000-0000-00000000005c");

    /// <summary>What is not known is not known for certain.</summary>
    public bool IsStale { get; set; }

    public bool IsSuspended { get; set; }

    public long? MessageBytesMax { get; set; }

    /// <summary>Messages that tenants still have in this minute.</summary>
    public int MessagesLeft { get; set; } = int.MaxValue;

    /// <summary>Whose source a client is.</summary>
    public Func<ClientProof, TenantId[]> SourceOf { get; set; } = _ => [One, Two];

    public RecipientAnswer Find(MailPath recipient) => recipient.Key switch
    {
        "journal@one.example" or "more@one.example" or "zoë@one.example" => Known(One),
        "journal@two.example" => Known(Two),
        "journal@us.example" => RecipientAnswer.OtherRegion,
        _ => IsStale ? RecipientAnswer.NotNow : RecipientAnswer.Unknown,
    };

    public SourceAnswer SourcesOf(ClientProof client) =>
        new(!IsStale, [.. SourceOf(client).Select(tenant => new TenantSource(tenant, Source))]);

    public bool TakesOneMore(TenantId tenant) => MessagesLeft-- > 0;

    private RecipientAnswer Known(TenantId tenant) => RecipientAnswer.Known(tenant, Mailbox) with
    {
        Suspended = IsSuspended, MessageBytesMax = MessageBytesMax,
    };
}
