using System.Text;
using AMA.Grains.Interfaces.Archive;
using AMA.Tests.Unit.Gateway.Web;
using Xunit;

namespace AMA.Tests.Unit.Gateway.Cli;

/// <summary>Receipts and daily reconciliations, through the real REST gateway.</summary>
public sealed class DeliveryVerbsTests : IAsyncLifetime
{
    private const string Receipt = "2htrx4gleq44uh36eys5zt3odiaaaaad";

    private readonly CommandUnderTest _ama = new();
    private GatewayUnderTest _gateway = null!;

    public async ValueTask InitializeAsync()
    {
        _gateway = await GatewayUnderTest.StartAsync();
        _ama.Variables["AMA_URL"] = _gateway.Http.BaseAddress!.ToString();
        _ama.Variables["AMA_TOKEN"] = Tokens.Session(new Guid(1, 2, 3, new byte[8]));
    }

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        _ama.Dispose();
    }

    [Fact]
    public async Task Receipt_SaysWhatBecameOfIt()
    {
        var at = new DateTimeOffset(2026, 11, 24, 3, 4, 5, TimeSpan.Zero);
        _gateway.Clusters.Received.Known = new()
        {
            State = ReceiptState.Archived, Record = new Guid(9, 0, 0, new byte[8]), AcceptedAt = at,
            ArchivedAt = at.AddSeconds(1), Source = new Guid(8, 0, 0, new byte[8]),
        };
        Assert.Equal(0, await _ama.RunAsync("receipt", Receipt));
        Assert.Equal(
            "archived as 00000009000000000000000000000000\n  accepted 2026-11-24 03:04:05.000Z\n"
            + "  archived 2026-11-24 03:04:06.000Z\n  source   00000008000000000000000000000000\n", _ama.Out);
        _gateway.Clusters.Received.Known = new() { State = ReceiptState.Accepted, WaitsFor = "lease" };
        Assert.Equal(0, await _ama.RunAsync("receipt", Receipt));
        Assert.StartsWith("accepted: durable in the queue; the archive is locked", _ama.Out);
    }

    [Fact]
    public async Task QuarantinedOrUnknownReceipt_Exits1AndSaysWhatItMayBe()
    {
        _gateway.Clusters.Received.Known = new() { State = ReceiptState.Quarantined, Reason = "Signature" };
        Assert.Equal(1, await _ama.RunAsync("receipt", Receipt));
        Assert.Contains("send it again", _ama.Out);
        _gateway.Clusters.Received.Known = null;
        Assert.Equal(1, await _ama.RunAsync("receipt", Receipt));
        Assert.Contains("mistyped", _ama.Error);
    }

    [Fact]
    public async Task Days_AreListed_AndAFileIsWrittenWhole()
    {
        _gateway.Clusters.Received.Totals = [new(new(2026, 11, 24), true, 5, 2, 0, 3)];
        _gateway.Clusters.Received.Pieces = [Encoding.UTF8.GetBytes("{\"end\":true}\n")];
        Assert.Equal(0, await _ama.RunAsync("reconciliation", "list"));
        Assert.Equal(
            "2026-11-24  final        10 accepted = 5 archived + 2 duplicates + 0 quarantined + 3 waiting\n", _ama.Out);
        var file = Path.Combine(_ama.Folder, "day.ndjson");
        Assert.Equal(0, await _ama.RunAsync("reconciliation", "get", "2026-11-24", "--out", file));
        Assert.Equal("{\"end\":true}\n", File.ReadAllText(file));
        Assert.Equal(0, await _ama.RunAsync("reconciliation", "get", "2026-11-24"));
        Assert.Equal("{\"end\":true}\n", Encoding.UTF8.GetString(_ama.OutBytes));
    }
}
