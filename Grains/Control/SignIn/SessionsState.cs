using Orleans;

namespace AMA.Grains.Control.SignIn;

/// <summary>
/// The sessions of some of a tenant's people (or of operators) that have not ended: a grant whose session is missing here is
/// worth nothing any more. A value.
/// </summary>
public sealed record SessionsState
{
    /// <summary>Of one person; the oldest ends when another is opened.</summary>
    public const int PerUserMax = 16;

    /// <summary>
    /// Of a shard, where hardly more than a few people meet. Beyond, the oldest end: people sign in again.
    /// </summary>
    public const int SessionsMax = 256;

    public LiveSession[] Sessions { get; init; } = [];

    public LiveSession? Find(Guid id, DateTimeOffset now) =>
        Array.Find(Sessions, session => session.Id == id && session.IsLiveAt(now));

    public LiveSession[] Of(string user, DateTimeOffset now) =>
        [.. Sessions.Where(session => session.User == user && session.IsLiveAt(now))];

    /// <param name="ended">Live sessions that had to make room.</param>
    public SessionsState Open(LiveSession opened, DateTimeOffset now, out Guid[] ended)
    {
        var live = Sessions.Where(session => session.IsLiveAt(now)).ToArray();
        var newest = live.OrderByDescending(session => session.OpenedAt).ToArray();
        var own = newest.Where(session => session.User == opened.User).Skip(PerUserMax - 1);
        var gone = newest.Skip(SessionsMax - 1).Concat(own).Select(session => session.Id).ToHashSet();
        ended = [.. gone];
        return new() { Sessions = [.. live.Where(session => !gone.Contains(session.Id)), opened] };
    }

    /// <summary>With this one in the place of what it was before.</summary>
    public SessionsState Replace(LiveSession changed) => new()
    {
        Sessions = [.. Sessions.Select(session => session.Id == changed.Id ? changed : session)],
    };

    /// <summary>Without these, and without what ended by itself.</summary>
    public SessionsState End(IReadOnlyCollection<Guid> ids, DateTimeOffset now) => new()
    {
        Sessions = [.. Sessions.Where(session => session.IsLiveAt(now) && !ids.Contains(session.Id))],
    };
}

/// <summary>A session: from sign-in to its end.</summary>
/// <param name="From">Where it was opened from, as the gateway says; for the person to recognise it by.</param>
/// <param name="Renewal">Null where nothing renews.</param>
[GenerateSerializer, Immutable, Alias("ama.control.internal.live-session")]
public sealed record LiveSession(
    [property: Id(0)] Guid Id, [property: Id(1)] string User, [property: Id(2)] DateTimeOffset OpenedAt,
    [property: Id(3)] DateTimeOffset EndsAt, [property: Id(4)] string? From, [property: Id(5)] SessionRenewal? Renewal)
{
    public bool IsLiveAt(DateTimeOffset now) => now < EndsAt;

    public RenewalUse UseOf(RenewalText shown, DateTimeOffset now) => Renewal?.UseOf(shown, now) ?? RenewalUse.Foreign;
}
