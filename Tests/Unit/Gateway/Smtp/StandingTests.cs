using System.Net;
using AMA.Archive.Access;
using AMA.Archive.Ids;
using AMA.Gateway.Smtp.Link;
using AMA.Gateway.Smtp.Protocol;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace AMA.Tests.Unit.Gateway.Smtp;

/// <summary>What a gateway says of recipients and sources, by the directory it has and how old that is.</summary>
public sealed class StandingTests
{
    private static readonly ClientProof Stranger = new(IPAddress.Parse("203.0.113.1"), null, null);
    private static readonly ClientProof Known = new(IPAddress.Parse("192.0.2.1"), null, null);
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));
    private readonly GatewayStanding _standing;

    public StandingTests() => _standing = new(TimeSpan.FromSeconds(120), _time, ["journal.us.example"]);

    [Theory]
    [InlineData("journal@one.example", RecipientVerdict.Known)]
    [InlineData("journal+user=example.com@one.example", RecipientVerdict.Known)]
    [InlineData("Journal+A+B@One.Example", RecipientVerdict.Known)]
    [InlineData("+journal@one.example", RecipientVerdict.Unknown)]
    [InlineData("journal-x@one.example", RecipientVerdict.Unknown)]
    [InlineData("\"journal+ x\"@one.example", RecipientVerdict.Unknown)]
    [InlineData("whoever@all.one.example", RecipientVerdict.Known)]
    [InlineData("who+ever@all.one.example", RecipientVerdict.Known)]
    [InlineData("journal@sub.all.one.example", RecipientVerdict.Unknown)]
    [InlineData("journal@journal.us.example", RecipientVerdict.OtherRegion)]
    [InlineData("journal@JOURNAL.us.example", RecipientVerdict.OtherRegion)]
    public void Recipient_IsFoundByAddress_BySubAddress_AndByDomain(string recipient, RecipientVerdict verdict)
    {
        Learn();
        Assert.Equal(verdict, Find(recipient).Verdict);
    }

    [Fact]
    public void SubAddressAndDomain_GoToTheirMailbox()
    {
        Learn();
        Assert.Equal(new MailboxId(Id(0xa)), Find("journal+x@one.example").Mailbox);
        Assert.Equal(new MailboxId(Id(0xd)), Find("x+y@all.one.example").Mailbox);
    }

    [Fact]
    public void Sources_AreCertain_WhileTheBackEndIsHeard()
    {
        Assert.False(_standing.SourcesOf(Known).IsCertain);
        Assert.Equal(CredentialVerdict.NotNow, _standing.Check("one.x", "open sesame"u8));
        Learn();
        Assert.True(_standing.SourcesOf(Stranger) is { IsCertain: true, Sources.Count: 0 });
        Assert.Equal(Id(5), _standing.SourcesOf(Known).Of(new TenantId(Id(1))));
        Assert.Equal(CredentialVerdict.Good, _standing.Check("one.x", "open sesame"u8));
        Assert.Equal(CredentialVerdict.Wrong, _standing.Check("one.x", "open"u8));
        _time.Advance(TimeSpan.FromSeconds(121));
        Assert.False(_standing.SourcesOf(Stranger).IsCertain);
        Assert.Equal(CredentialVerdict.NotNow, _standing.Check("two.x", "open sesame"u8));
        Assert.Equal(CredentialVerdict.Good, _standing.Check("one.x", "open sesame"u8));
    }

    [Fact]
    public void Threat_07_ATenantsMessagesInAMinute_AreBounded_AndTheNextMinuteIsNew()
    {
        Learn();
        var tenant = new TenantId(Id(1));
        Assert.True(_standing.TakesOneMore(tenant));
        Assert.True(_standing.TakesOneMore(tenant));
        Assert.False(_standing.TakesOneMore(tenant));
        Learn(); // a new directory begins no new minute
        Assert.False(_standing.TakesOneMore(tenant));
        Assert.True(_standing.TakesOneMore(new TenantId(Id(2))));
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.True(_standing.TakesOneMore(tenant));
    }

    private RecipientAnswer Find(string recipient)
    {
        var text = System.Text.Encoding.UTF8.GetBytes($"<{recipient}>");
        Assert.Equal(PathFault.None, PathParser.Parse(text, out var path, out _));
        return _standing.Find(path);
    }

    private void Learn() => _standing.Learned(
        new DirectoryDocument(1, Region.Eu, _time.GetUtcNow(),
        [
            new(Id(1), false, null, 2, [new("journal@one.example", Id(0xa))], [new("all.one.example", Id(0xd))],
            [
                new(Id(5), SourceKind.Network, "192.0.2.0/24", null),
                new(Id(6), SourceKind.Auth, "one.x", SourceSecret.Hash("open sesame"u8)),
            ]),
        ]),
        new QueueKeysDocument(Region.Eu, _time.GetUtcNow(), []));

    private static Guid Id(byte number) => new(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, number);
}
