using AMA.Archive.Ids;
using AMA.Grains.Archive.Search;
using AMA.Grains.Interfaces.Archive;

namespace AMA.Grains.Archive.Deliveries;

/// <summary>Tells operators what became of a delivery, whosever it is.</summary>
public sealed class RegionReceiptsGrain(Sessions sessions, ReceiptLookup receipts) : Grain, IRegionReceiptsGrain
{
    public async Task<ReceiptView?> Receipt(string accessToken, string receipt)
    {
        await sessions.VerifyOperatorAsync(accessToken);
        return DeliveryId.TryParse(receipt, out var delivery)
            ? await receipts.FindAsync(delivery, GrainFactory, this.GetPrimaryKeyString())
            : null;
    }
}
