using AMA.Archive.Access;
using AMA.Archive.Ids;
using AMA.Archive.Spool;
using AMA.Gateway.Smtp.Protocol;

namespace AMA.Gateway.Smtp.Link;

/// <summary>
/// What this gateway is and knows, as <see cref="GatewayLink"/> last heard it: its certificate, the directory, the
/// queue keys. It keeps all of it when the back end is away: mail goes on being accepted.
/// </summary>
/// <param name="otherRegions">Journal domains, lower case, that another region of ours takes mail for.</param>
internal sealed class GatewayStanding(
    TimeSpan directoryAgeMax, TimeProvider time, IReadOnlyCollection<string>? otherRegions = null)
    : IDirectoryBook, ISourceCredentials
{
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly MinuteMeter _meter = new(time);
    private readonly HashSet<string> _otherRegions = [.. otherRegions ?? []];
    private volatile AddressBook? _book;
    private volatile QueuePublicKey[] _queueKeys = [];
    private volatile GatewayIdentity? _identity;
    private long _heardAt;
    private volatile bool _heard;

    public GatewayIdentity? Identity => _identity;

    /// <summary>Of the directory; 0: none yet.</summary>
    public long DirectoryVersion => _book?.Version ?? 0;

    /// <summary>Done when mail can be accepted for the first time.</summary>
    public Task Ready => _ready.Task;

    public RecipientAnswer Find(MailPath recipient)
    {
        if (_book is not { } book) return RecipientAnswer.NotNow;
        if (book.TryFind(recipient, out var answer)) return answer;
        if (_otherRegions.Contains(recipient.Domain.ToLowerInvariant())) return RecipientAnswer.OtherRegion;
        return IsStale ? RecipientAnswer.NotNow : RecipientAnswer.Unknown;
    }

    public SourceAnswer SourcesOf(ClientProof client) =>
        _book is { } book ? new(!IsStale, book.Sources.Of(client)) : new(false, []);

    public CredentialVerdict Check(string user, ReadOnlySpan<byte> secret)
    {
        if (_book is not { } book) return CredentialVerdict.NotNow;
        if (book.Sources.Knows(user, secret)) return CredentialVerdict.Good;
        return IsStale ? CredentialVerdict.NotNow : CredentialVerdict.Wrong;
    }

    public TenantSource? OwnerOf(string user) => _book?.Sources.OwnerOf(user);

    public TimeSpan? Age => _heard ? time.GetElapsedTime(Volatile.Read(ref _heardAt)) : null;

    public bool TakesOneMore(TenantId tenant) =>
        _book?.MessagesPerMinuteMax(tenant) is not { } most || _meter.TryAdd(tenant, most);

    /// <summary>The newest queue key that is valid at <paramref name="now"/>, or null.</summary>
    public QueuePublicKey? QueueKeyAt(DateTimeOffset now) =>
        _queueKeys.Where(key => key.NotBefore <= now && now < key.NotAfter).MaxBy(key => key.NotBefore);

    public void Enrolled(GatewayIdentity identity) => _identity = identity;

    /// <summary>The back end answered, with or without news.</summary>
    public void Heard()
    {
        Volatile.Write(ref _heardAt, time.GetTimestamp());
        _heard = true;
    }

    public void Learned(DirectoryDocument directory, QueueKeysDocument queueKeys)
    {
        Heard();
        Remembered(directory, queueKeys);
    }

    /// <summary>Known from before a restart; the back end has not been heard yet.</summary>
    public void Remembered(DirectoryDocument directory, QueueKeysDocument queueKeys)
    {
        _queueKeys = [.. queueKeys.Keys.Select(k => new QueuePublicKey(k.KeyId, k.PublicKey, k.NotBefore, k.NotAfter))];
        _book = new AddressBook(directory);
        _ready.TrySetResult();
    }

    /// <summary>An address that isn't in the directory may have been added since.</summary>
    private bool IsStale => !_heard || time.GetElapsedTime(Volatile.Read(ref _heardAt)) > directoryAgeMax;
}
