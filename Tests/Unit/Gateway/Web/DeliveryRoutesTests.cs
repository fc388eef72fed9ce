using System.Net;
using System.Text;
using AMA.Grains.Interfaces.Archive;
using Xunit;

namespace AMA.Tests.Unit.Gateway.Web;

public sealed class DeliveryRoutesTests
{
    private const string Receipt = "2htrx4gleq44uh36eys5zt3odiaaaaad";
    private static readonly Guid Tenant = new(1, 2, 3, new byte[8]);
    private static readonly DateTimeOffset Time = new(2026, 11, 24, 3, 4, 5, TimeSpan.FromHours(2));

    [Fact]
    public async Task ArchivedReceipt_NamesRecordTimesAndSource()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        gateway.Clusters.Received.Known = new()
        {
            State = ReceiptState.Archived, Record = new Guid(9, 0, 0, new byte[8]), IsDuplicate = true,
            Source = new Guid(8, 0, 0, new byte[8]), AcceptedAt = Time, ArchivedAt = Time.AddSeconds(1),
        };
        var answer = await gateway.GetAsync($"/v1/receipts/{Receipt}", Tokens.Session(Tenant));
        Assert.Equal($$"""
            {"receipt":"{{Receipt}}","state":"archived","waitsFor":null,"record":"00000009000000000000000000000000",
            "duplicate":true,"source":"00000008000000000000000000000000","acceptedAt":"2026-11-24T01:04:05Z",
            "archivedAt":"2026-11-24T01:04:06Z","reason":null}
            """.ReplaceLineEndings(""), await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Operator_AsksTheRegion_NotATenant()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        gateway.Clusters.Received.Known = new() { State = ReceiptState.Quarantined, Reason = "Signature" };
        var answer = await gateway.GetAsync($"/v1/receipts/{Receipt}", "operator-secret");
        Assert.Equal([("granted", Receipt)], gateway.Clusters.Received.Asked);
        Assert.Empty(gateway.Clusters.Archive.AskedTenants);
        var json = await GatewayUnderTest.JsonAsync(answer);
        Assert.Equal("quarantined", (string)json["state"]!);
        Assert.Contains("(Signature)", (string)json["reason"]!);
    }

    [Fact]
    public async Task UnknownReceipt_IsNotFound_AndTheAnswerDoesNotRepeatIt()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        var answer = await gateway.GetAsync($"/v1/receipts/{Receipt}", Tokens.Session(Tenant));
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.DoesNotContain(Receipt, await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Days_HaveTotalsThatAddUp_AndADayIsItsFile()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        gateway.Clusters.Received.Totals = [new(new(2026, 11, 24), false, 5, 2, 1, 3)];
        gateway.Clusters.Received.Pieces = [Encoding.UTF8.GetBytes("{}\n"), Encoding.UTF8.GetBytes("{\"end\":true}\n")];
        var list = await gateway.GetAsync("/v1/reconciliations", Tokens.Session(Tenant));
        Assert.Equal("""
            {"items":[{"day":"2026-11-24","state":"provisional","accepted":11,"archived":5,"duplicates":2,
            "quarantined":1,"waiting":3}]}
            """.ReplaceLineEndings(""), await list.Content.ReadAsStringAsync());

        var day = await gateway.GetAsync("/v1/reconciliations/2026-11-24", Tokens.Session(Tenant));
        Assert.Equal("application/x-ndjson", day.Content.Headers.ContentType!.MediaType);
        Assert.Equal("{}\n{\"end\":true}\n", await day.Content.ReadAsStringAsync());
        Assert.EndsWith("2026-11-24", gateway.Clusters.Received.Asked[^1].Asked);
    }

    [Theory]
    [InlineData("yesterday")]
    [InlineData("2026-11-31")]
    [InlineData("24.11.2026")]
    public async Task WhatIsNoDay_IsABadRequest(string day)
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        var answer = await gateway.GetAsync($"/v1/reconciliations/{day}", Tokens.Session(Tenant));
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }
}
