using AMA.Tests.Cluster.EndToEnd.World;
using Xunit;

namespace AMA.Tests.Cluster.EndToEnd;

/// <summary>Sameness is decided by content, whoever sends and however often.</summary>
public sealed class DuplicatesTests(EmbeddedArchive archive) : IClassFixture<EmbeddedArchive>
{
    private const int Connections = 6;
    private const int TimesEach = 15;

    /// <summary>Two mailboxes are two ingest grains that race for the same record.</summary>
    [Fact]
    public async Task SameBytesFromAllSidesAtOnce_AreOneRecord()
    {
        string[] journals = ["journal@north.example", "journal@south.example"];
        var made = await archive.Operator.PostAsync(
            "v1/tenants", new { name = "both", journalAddresses = journals, secondFactor = "off" });
        made.ThrowUnlessGood();
        await archive.OpenToThisMachineAsync("both");
        var auditor = await archive.CreateUserAsync("both", "auditor", "auditor");
        byte[][] messages = [Eml.Of("twin 1", "zwilling"), Eml.Of("twin 2", "zwilling"), Eml.Of("twin 3", "zwilling")];

        var receipts = await Task.WhenAll(Enumerable.Range(0, Connections).Select(
            n => SendAsync(journals[n % journals.Length], messages)));

        var status = await auditor.DrainedAsync(Connections * TimesEach);
        Assert.Equal((3, (Connections * TimesEach) - 3), (status.Archived, status.Duplicates));
        var listed = await auditor.AllAsync("zwilling");
        Assert.Equal(3, listed.Count);
        var shown = await Task.WhenAll(listed.Select(item => auditor.MessageAsync(item.Id)));
        Assert.Equal(
            receipts.SelectMany(r => r).Order(), shown.SelectMany(m => m.Deliveries).Select(d => d.Receipt).Order());
    }

    private async Task<string[]> SendAsync(string journal, byte[][] messages)
    {
        await using var session = await archive.ConnectAsync();
        var receipts = new string[TimesEach];
        for (var i = 0; i < TimesEach; i++)
        {
            var reply = await session.SendAsync(
                RunningArchive.Sender, [journal], messages[i % messages.Length], CancellationToken.None);
            Assert.Equal(250, reply.Code);
            receipts[i] = reply.Text;
        }
        return receipts;
    }
}
