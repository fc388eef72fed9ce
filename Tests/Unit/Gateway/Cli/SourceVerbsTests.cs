using AMA.Grains.Interfaces.Archive;
using AMA.Tests.Unit.Gateway.Web;
using Xunit;

namespace AMA.Tests.Unit.Gateway.Cli;

/// <summary>What came from each source, how often something is expected, and alarms: what is typed and what is shown.</summary>
public sealed class SourceVerbsTests : IAsyncLifetime
{
    private static readonly DateTimeOffset Seen = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    private readonly CommandUnderTest _ama = new();
    private GatewayUnderTest _gateway = null!;

    public async ValueTask InitializeAsync()
    {
        _gateway = await GatewayUnderTest.StartAsync();
        _ama.Variables["AMA_URL"] = _gateway.Http.BaseAddress!.ToString();
        _ama.Variables["AMA_TOKEN"] = Tokens.Session(new(FakeSources.Tenant.ToString("N")));
    }

    public async ValueTask DisposeAsync()
    {
        _ama.Dispose();
        await _gateway.DisposeAsync();
    }

    [Fact]
    public async Task SourceList_ShowsWhatCame_WhenLast_AndWhoIsSilent()
    {
        _gateway.Clusters.Archive.Sources =
        [
            new(FakeSources.Office, 1_000, 20, 3, 4_711, Seen, Seen.AddHours(2)),
        ];
        Assert.Equal(0, await _ama.RunAsync("source", "list", "--tenant", "acme"));
        Assert.Equal($"""
            {FakeSources.Office:N}  auth  acme.abcd  1,023 accepted, 1,000 archived, 20 duplicates, 4,711 bytes, last seen 2026-11-23 12:00:00Z  expected every 2h  SILENT since 2026-11-23 14:00:00Z
            {FakeSources.Branch:N}  network  192.0.2.0/24  0 accepted, 0 archived, 0 duplicates, 0 bytes, never seen

            """, _ama.Out);
    }

    [Fact]
    public async Task ArchiveAway_SourcesAreListedWithoutCounts()
    {
        _gateway.Clusters.ProductionReady = false;
        Assert.Equal(0, await _ama.RunAsync("source", "list", "--tenant", "acme"));
        Assert.Contains($"{FakeSources.Branch:N}  network  192.0.2.0/24\n", _ama.Out.ReplaceLineEndings("\n"));
        _gateway.Clusters.ProductionReady = true;
        _gateway.Clusters.Archive.Failure = new ArchiveException(ArchiveRefusal.NotAllowed, "not this role");
        Assert.Equal(3, await _ama.RunAsync("source", "list", "--tenant", "acme"));
    }

    [Theory]
    [InlineData("30m", 1_800, "30m")]
    [InlineData("2h", 7_200, "2h")]
    [InlineData("48h", 172_800, "2d")]
    [InlineData("off", 0, null)]
    public async Task SourceExpect_SetsTheInterval(string typed, int seconds, string? shown)
    {
        Assert.Equal(0, await _ama.RunAsync("source", "expect", "--tenant", "acme", $"{FakeSources.Office:N}", typed));
        Assert.Equal((FakeSources.Office, seconds), Assert.Single(_gateway.Clusters.Control.Sources.Expected));
        Assert.Equal(shown is not null, _ama.Out.Contains($"expected every {shown}", StringComparison.Ordinal));
        Assert.Equal([3], _gateway.Clusters.Archive.Published); // gateways are asked to learn the version
    }

    [Theory]
    [InlineData("2")]
    [InlineData("h")]
    [InlineData("-2h")]
    [InlineData("0h")]
    [InlineData("2w")]
    [InlineData("99999999d")]
    public async Task SourceExpect_OfNoInterval_IsAMistake(string typed)
    {
        Assert.Equal(2, await _ama.RunAsync("source", "expect", "--tenant", "acme", "--", $"{FakeSources.Office:N}", typed));
        Assert.Empty(_gateway.Clusters.Control.Sources.Expected);
    }

    [Fact]
    public async Task Status_SaysAlarmsInWords()
    {
        var id = new Guid(9, 0, 0, new byte[8]);
        _gateway.Clusters.Archive.Counters = new(0, 0, 0, 0, 0, 0, 0, "none", null)
        {
            SilentSources = 1,
            Alarms =
            [
                new(AlarmKinds.SourceSilent, Seen) { Tenant = FakeSources.Tenant, Source = id },
                new(AlarmKinds.SpoolBehind, Seen), new(AlarmKinds.SequenceGap, Seen) { Gateway = id, First = 3, Last = 4 },
            ],
        };
        Assert.Equal(0, await _ama.RunAsync("status"));
        Assert.Contains(
            $"ALARM source {id:N} of tenant {FakeSources.Tenant:N} is silent, since 2026-11-23 12:00:00Z", _ama.Out);
        Assert.Contains("ALARM the queue is behind", _ama.Out);
        Assert.Contains($"ALARM accepted mail is missing: segment 4 of gateway {id:N}, perhaps from 3 on", _ama.Out);
    }
}
