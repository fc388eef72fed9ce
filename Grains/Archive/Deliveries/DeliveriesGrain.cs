using AMA.Archive.Access;
using AMA.Archive.Ids;
using AMA.Grains.Archive.Search;
using AMA.Grains.Interfaces.Archive;

namespace AMA.Grains.Archive.Deliveries;

/// <summary>Answers a tenant's people what became of what was accepted from its sources.</summary>
public sealed class DeliveriesGrain(Sessions sessions, ReceiptLookup receipts, DayFiles files) : Grain, IDeliveriesGrain
{
    private TenantId Tenant => TenantId.Parse(this.GetPrimaryKeyString());

    public async Task<ReceiptView?> Receipt(string accessToken, string receipt)
    {
        var grant = await VerifyAsync(accessToken);
        if (!DeliveryId.TryParse(receipt, out var delivery)) return null;
        var view = await receipts.FindAsync(Tenant, delivery, GrainFactory, sessions.Region.Text());
        sessions.CheckBeforeAnswer(grant, lease: null);
        return view;
    }

    public async Task<DayTotals[]> Days(string accessToken)
    {
        var grant = await VerifyAsync(accessToken);
        var days = await files.DaysAsync(Tenant, GrainFactory, sessions.Region.Text());
        sessions.CheckBeforeAnswer(grant, lease: null);
        return days;
    }

    public async IAsyncEnumerable<RawPiece> Day(string accessToken, DateOnly day)
    {
        var grant = await VerifyAsync(accessToken);
        if (grant.Role is not AccessRole.Auditor)
            throw new ArchiveException(ArchiveRefusal.NotAllowed, "only auditors see the lines of a day: they name messages");
        var parts = await files.PartsAsync(Tenant, GrainFactory);
        var lease = await sessions.EnsureSearchAsync(grant, Tenant, accessToken, parts);
        await foreach (var piece in files.WriteAsync(Tenant, day, lease, GrainFactory, sessions.Region.Text()))
        {
            sessions.CheckBeforeAnswer(grant, lease);
            yield return new(piece);
        }
    }

    private async Task<AccessGrant> VerifyAsync(string accessToken)
    {
        var grant = await sessions.VerifyAsync(accessToken, Tenant);
        if (grant.Role is AccessRole.Auditor or AccessRole.TenantAdmin) return grant;
        throw new ArchiveException(
            ArchiveRefusal.NotAllowed, "what became of deliveries is for the tenant's auditors and tenant-admins");
    }
}
