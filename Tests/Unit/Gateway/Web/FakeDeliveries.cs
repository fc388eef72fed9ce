using AMA.Grains.Interfaces.Archive;

namespace AMA.Tests.Unit.Gateway.Web;

/// <summary>What became of deliveries, as a test puts it there.</summary>
internal sealed class FakeDeliveries : IDeliveriesGrain, IRegionReceiptsGrain
{
    public ReceiptView? Known { get; set; }
    public DayTotals[] Totals { get; set; } = [];
    public byte[][] Pieces { get; set; } = [];
    public List<(string Token, string Asked)> Asked { get; } = [];

    public Task<ReceiptView?> Receipt(string accessToken, string receipt)
    {
        Asked.Add((accessToken, receipt));
        return Task.FromResult(Known);
    }

    public Task<DayTotals[]> Days(string accessToken) => Task.FromResult(Totals);

    public async IAsyncEnumerable<RawPiece> Day(string accessToken, DateOnly day)
    {
        Asked.Add((accessToken, $"{day:O}"));
        await Task.CompletedTask;
        foreach (var piece in Pieces) yield return new(piece);
    }
}
