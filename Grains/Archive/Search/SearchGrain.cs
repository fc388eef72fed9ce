using System.Runtime.CompilerServices;
using AMA.Archive.Access;
using AMA.Archive.Ids;
using AMA.Archive.Keys.Leases;
using AMA.Archive.Retention;
using AMA.Grains.Archive.Leases;
using AMA.Grains.Archive.Threads;
using AMA.Grains.Interfaces.Archive;
using AMA.Mail;
using AMA.Search.Documents;
using Microsoft.Extensions.Logging;

namespace AMA.Grains.Archive.Search;

/// <summary>
/// Answers people: verifies the token, sees to a lease in the person's name, asks the indexes, opens single messages.
/// What a user may see is decided here from the token's own addresses, never from the question.
/// </summary>
public sealed class SearchGrain(Sessions sessions, RecordOpener opener, SiloThreads threads, ILogger<SearchGrain> log)
    : Grain, ISearchGrain
{
    private const int LimitMax = 1_000;

    /// <summary>Of a message that came thousands of times the view shows the first.</summary>
    private const int FurtherDeliveriesMax = 100;

    private const int PieceBytes = 128 << 10;

    /// <summary>A larger message is shown by its headers and what the index knows; its bytes are there in full.</summary>
    private const long ViewBytesMax = 32 << 20;

    private TenantId Tenant => TenantId.Parse(this.GetPrimaryKeyString());

    public async Task<MessagePage> Search(string accessToken, string query, int limit, string? cursor)
    {
        var (grant, parts, lease) = await BeginAsync(accessToken);
        if (cursor is not null && !SearchCursor.TryParse(cursor, out _))
            throw new ArchiveException(ArchiveRefusal.BadQuery, "the cursor is not one of ours: leave it out to begin anew");
        var most = Math.Clamp(limit, 1, LimitMax);
        var pages = await Task.WhenAll(parts.Select(p => GrainFactory.GetGrain<IIndexGrain>(PartOf(p).ToString())
            .Search(new(query, VisibleTo(grant), most, cursor, p.MustHoldBelow))));
        var page = PageMerge.Merge(pages, most);
        sessions.CheckBeforeAnswer(grant, lease);
        return page;
    }

    public Task<MessageView> Message(string accessToken, Guid recordId) => FoundAsync(accessToken, recordId, (grant, places) =>
    {
        var part = new RetentionPart(Tenant, places.Class, places.Epoch);
        return OpeningAsync(async () =>
        {
            var preambles = await opener.PreamblesAsync(
                part, [places.Record, .. places.Deliveries.Take(FurtherDeliveriesMax)], accessToken, default);
            await using var record = await opener.OpenAsync(part, places.Record, accessToken, default);
            var bytes = new byte[(int)Math.Min(record.Preamble.RawLength, ViewBytesMax)];
            await record.ReadAsync(bytes, default);
            var mail = await threads.Search.RunAsync(() => MailParser.Parse(bytes));
            var view = MessageViews.View(places, mail, preambles, grant);
            record.CheckBeforeAnswer();
            return view;
        });
    });

    public async IAsyncEnumerable<RawPiece> Raw(string accessToken, Guid recordId)
    {
        await using var record = await FoundAsync(accessToken, recordId, (_, places) => OpeningAsync(() => opener.OpenAsync(
            new(Tenant, places.Class, places.Epoch), places.Record, accessToken, default)));
        var left = record.Preamble.RawLength;
        do
        {
            // Beyond the last byte once more: that read checks the hash, and nothing is whole before.
            var piece = new byte[(int)Math.Min(PieceBytes, left + 1)];
            var count = await OpeningAsync(async () => await record.ReadAsync(piece, default));
            left -= count;
            if (count > 0) yield return new(count == piece.Length ? piece : piece[..count]);
            if (count < piece.Length) yield break;
        }
        while (true);
    }

    public async Task<StatusView> Status(string accessToken)
    {
        await sessions.VerifyAsync(accessToken, Tenant);
        var status = await Archive.Status();
        var spool = await GrainFactory.GetGrain<ISpoolReaderGrain>(sessions.Region.Text()).Status(Tenant.Value);
        return StatusViews.Of(status, spool, spool.Quarantined, await AlarmsAsync(accessToken));
    }

    private async Task<AlarmView[]> AlarmsAsync(string accessToken) =>
        await GrainFactory.GetGrain<IRegionGrain>(sessions.Region.Text()).Alarms(accessToken, Tenant.Value);

    public async Task LookForErasures(string accessToken)
    {
        await sessions.VerifyAsync(accessToken, Tenant);
        await Archive.LookForErasures();
    }

    private IArchiveGrain Archive => GrainFactory.GetGrain<IArchiveGrain>(this.GetPrimaryKeyString());

    private RetentionPart PartOf(PartView part) => new(Tenant, part.Class, part.Epoch);

    private async Task<(AccessGrant Grant, PartView[] Parts, HeldLease? Lease)> BeginAsync(string accessToken)
    {
        var grant = await sessions.VerifyAsync(accessToken, Tenant);
        var parts = await Archive.Parts();
        var lease = await sessions.EnsureSearchAsync(grant, Tenant, accessToken, [.. parts.Select(PartOf)]);
        // What has ended is in no index any more; and nothing that may open it was given.
        return (grant, [.. parts.Where(p => lease?.WasGiven(LeasedKeyKind.Ixk, PartOf(p)) == true)], lease);
    }

    /// <summary>
    /// Once more when it isn't where it was found: while it was being opened it may have been sealed anew, and lies
    /// elsewhere.
    /// </summary>
    private async Task<T> FoundAsync<T>(string accessToken, Guid recordId, Func<AccessGrant, RecordPlaces, Task<T>> open)
    {
        var (grant, places) = await FindAsync(accessToken, recordId);
        try
        {
            return await open(grant, places);
        }
        catch (ArchiveException gone) when (gone.Refusal == ArchiveRefusal.NotFound)
        {
            (grant, places) = await FindAsync(accessToken, recordId);
            return await open(grant, places);
        }
    }

    private async Task<(AccessGrant Grant, RecordPlaces Places)> FindAsync(string accessToken, Guid recordId)
    {
        var (grant, parts, lease) = await BeginAsync(accessToken);
        foreach (var part in parts)
        {
            if (await GrainFactory.GetGrain<IIndexGrain>(PartOf(part).ToString())
                .Find(recordId, VisibleTo(grant), part.MustHoldBelow) is not { } places) continue;
            sessions.CheckBeforeAnswer(grant, lease);
            return (grant, places);
        }
        throw new ArchiveException(ArchiveRefusal.NotFound, "there is no such message");
    }

    private static string[]? VisibleTo(AccessGrant grant) => grant.Role switch
    {
        AccessRole.Auditor => null,
        AccessRole.User => grant.Addresses,
        _ => throw new ArchiveException(ArchiveRefusal.NotAllowed, "this role sees no mail"),
    };

    private async Task<T> OpeningAsync<T>(Func<Task<T>> open)
    {
        try
        {
            return await open();
        }
        catch (LeaseEndedException)
        {
            throw new ArchiveException(ArchiveRefusal.Locked, "the archive is locked: its key lease has ended");
        }
        catch (Exception e) when (e is not ArchiveException)
        {
            SearchLog.OpenFailed(log, Tenant, e);
            throw new ArchiveException(ArchiveRefusal.Unavailable, "the message can't be opened now; try again later");
        }
    }
}
