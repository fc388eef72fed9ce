using System.Security.Cryptography;
using System.Text;
using AMA.Archive.Ids;
using AMA.Archive.Retention;
using AMA.Grains.Interfaces.Control;
using AMA.Tests.Unit.Gateway.Web;
using Xunit;

namespace AMA.Tests.Unit.Gateway.Cli;

/// <summary>Jobs, export requests and lease policy: what is typed, what is asked of Control and what is shown.</summary>
public sealed class DecisionVerbsTests : IAsyncLifetime
{
    private const string Id = "33333333333333333333333333333333";

    private readonly CommandUnderTest _ama = new();
    private GatewayUnderTest _gateway = null!;

    private FakeDecisions Control => _gateway.Clusters.Decisions;

    public async ValueTask InitializeAsync()
    {
        _gateway = await GatewayUnderTest.StartAsync();
        _ama.Variables["AMA_URL"] = _gateway.Http.BaseAddress!.ToString();
        _ama.Variables["AMA_TOKEN"] = Tokens.Session(new(Id));
    }

    public async ValueTask DisposeAsync()
    {
        _ama.Dispose();
        await _gateway.DisposeAsync();
    }

    [Fact]
    public async Task JobOpen_TakesMonthsOfMail_AndShowsThemAsTyped()
    {
        Assert.Equal(0, await _ama.RunAsync(
            "job", "open", "reindex", "--from", "2026-01", "--to", "2026-11", "--per-minute", "500", "--hours", "2"));
        var job = Assert.Single(Control.Opened);
        var (january, november) = (At(2026, 1), At(2026, 11));
        Assert.Equal((january, november, 500), (job.FirstEpoch, job.LastEpoch, job.LeavesPerMinute));
        Assert.Equal(_ama.Time.GetUtcNow().AddHours(2), job.EndsAt);
        Assert.Contains($"{Id}  reindex  mail of 2026-01 to 2026-11  500/minute  open until 2026-12-01 11:00Z", _ama.Out);
    }

    [Fact]
    public async Task JobOpen_OfOneMonth_HasModestDefaults()
    {
        Assert.Equal(0, await _ama.RunAsync("job", "open", "fsck-data", "--from", "2026-12"));
        var job = Assert.Single(Control.Opened);
        Assert.Equal((At(2026, 12), At(2026, 12), 1000), (job.FirstEpoch, job.LastEpoch, job.LeavesPerMinute));
        Assert.Equal(_ama.Time.GetUtcNow().AddHours(24), job.EndsAt);
    }

    [Fact]
    public async Task JobsAreListed_AndEnded()
    {
        Assert.Equal(0, await _ama.RunAsync("job", "list"));
        Assert.Contains("There are no jobs.", _ama.Error);
        await _ama.RunAsync("job", "open", "reindex", "--from", "2026-01");
        Assert.Equal(0, await _ama.RunAsync("job", "list"));
        Assert.Contains($"{Id}  reindex", _ama.Out);
        Assert.Equal(0, await _ama.RunAsync("job", "end", Id));
        Assert.Equal([new Guid(Id)], Control.Ended);
        Assert.Contains("ended", _ama.Out);
        Assert.Equal(1, await _ama.RunAsync("job", "end", "nonsense"));
        Assert.Contains("There is no such job.", _ama.Error);
    }

    [Fact]
    public async Task JobWait_EndsWithTheJob_AndTellsWhetherItWasFinished()
    {
        await _ama.RunAsync("job", "open", "re-seal", "--from", "2026-01");
        (Control.AllEnded, Control.FinishedAt) = (true, _ama.Time.GetUtcNow());
        Assert.Equal(0, await _ama.RunAsync("job", "wait", Id));
        Assert.Contains("finished 2026-12-01 09:00Z", _ama.Out);
        Assert.Contains("40 of 50 done", _ama.Out);
        Control.FinishedAt = null;
        Assert.Equal(1, await _ama.RunAsync("job", "wait", Id));
        Assert.Contains("The job ended before it was finished.", _ama.Error);
        Assert.Equal(1, await _ama.RunAsync("job", "wait", new string('0', 32)));
        Assert.Contains("There is no such job.", _ama.Error);
    }

    [Fact]
    public async Task Export_SendsTheHashOfItsBasis_NeverTheDocument()
    {
        var parts = _ama.WriteFile("parts.json", """[{"epoch": 25512, "generation": 0, "leaves": [3, 5]}]""");
        var basis = _ama.WriteFile("order.pdf", "a court's order");
        Assert.Equal(0, await _ama.RunAsync("export", "open", "--parts", parts, "--legal-basis", basis));
        var asked = Assert.Single(Control.Requested);
        Assert.Equal(SHA256.HashData(Encoding.UTF8.GetBytes("a court's order")), asked.LegalBasisSha256);
        Assert.Equal([3u, 5u], Assert.Single(asked.Parts).Leaves);
        Assert.Contains($"{Id}  2 records", _ama.Out);
        Assert.Equal(0, await _ama.RunAsync("export", "list"));
        Assert.Contains("not approved", _ama.Out);
        Assert.Equal(0, await _ama.RunAsync("export", "approve", Id));
        Assert.Contains("approved (by olga, piet)", _ama.Out);
        Assert.Equal([new Guid(Id)], Control.Approved);
    }

    [Theory]
    [InlineData("not json", 2, "is not JSON")]
    [InlineData("""[{"epoch": 1}]""", 2, "parts[0]")]
    public async Task ExportParts_ThatCannotBeRead_AreSaidWithWhatFits(string content, int exitCode, string told)
    {
        var parts = _ama.WriteFile("parts.json", content);
        Assert.Equal(exitCode, await _ama.RunAsync("export", "open", "--parts", parts, "--legal-basis", parts));
        Assert.Contains(told, _ama.Error);
    }

    [Fact]
    public async Task HoldsAndPartEnds_AreOrdersOfTheirOwn()
    {
        var record = new RecordId(new Guid(Id)).ToString();
        Assert.Equal(0, await _ama.RunAsync("hold", "place", record));
        Assert.Contains($"{Id}  hold  1 records  2026-12-01 09:00Z by wilma  under way", _ama.Out);
        Assert.Equal(0, await _ama.RunAsync("hold", "release", record));
        Assert.Contains("release  1 records  2026-12-01 09:00Z by wilma  not approved", _ama.Out);
        Assert.Equal(0, await _ama.RunAsync("part", "end", "--month", "2026-03"));
        Assert.Contains("part-end  mail of 2026-03", _ama.Out);
        Assert.Equal([OrderKind.Hold, OrderKind.LetGo, OrderKind.EndPart], Control.Orders.Select(order => order.Kind));
        Assert.Equal(At(2026, 3), Control.Orders[2].Epoch);
        Assert.Equal(0, await _ama.RunAsync("part", "approve", Id));
        Assert.Contains("(approved by anna)", _ama.Out);
        Assert.Equal(0, await _ama.RunAsync("erasure", "list"));
        Assert.Contains("There are no orders to erase.", _ama.Error);
        Assert.Equal(0, await _ama.RunAsync("hold", "list"));
        Assert.Equal(0, await _ama.RunAsync("part", "list"));
        Assert.DoesNotContain("There are no orders.", _ama.Error);
        Assert.Equal(2, await _ama.RunAsync("part", "end", "--month", "March"));
    }

    [Fact]
    public async Task ErasureOrder_IsOpened_Approved_AndItsStateIsSaid()
    {
        var record = new RecordId(new Guid(Id)).ToString();
        Assert.Equal(0, await _ama.RunAsync("erasure", "list"));
        Assert.Contains("There are no orders to erase.", _ama.Error);
        Assert.Equal(0, await _ama.RunAsync("erasure", "open", record));
        Assert.Equal([new Guid(Id)], Assert.Single(Control.Orders).Records);
        Assert.Contains($"{Id}  1 record  by wilma  not approved", _ama.Out);
        Assert.Equal(0, await _ama.RunAsync("erasure", "approve", Id));
        Assert.Contains("approved by anna, being carried out", _ama.Out);

        var unreadable = new DateTimeOffset(2026, 12, 1, 9, 5, 0, TimeSpan.Zero);
        Control.Orders[0] = Control.Orders[0] with { UnreadableAt = unreadable };
        Assert.Equal(0, await _ama.RunAsync("erasure", "list"));
        Assert.Contains("unreadable since 2026-12-01 09:05Z", _ama.Out);
        Control.Orders[0] = Control.Orders[0] with { FinalAt = unreadable.AddDays(36) };
        Assert.Equal(0, await _ama.RunAsync("erasure", "list"));
        Assert.Contains("final everywhere on 2027-01-06 09:05Z", _ama.Out);
        Control.Orders[0] = Control.Orders[0] with { Refusal = "held" };
        Assert.Equal(0, await _ama.RunAsync("erasure", "list"));
        Assert.Contains("not carried out: held", _ama.Out);
    }

    [Fact]
    public async Task LeasePolicy_IsShownAndSet()
    {
        Assert.Equal(0, await _ama.RunAsync("lease-policy", "show"));
        Assert.Contains("3600 s, as the region has it.", _ama.Out);
        Assert.Equal(0, await _ama.RunAsync("lease-policy", "set", "900"));
        Assert.Equal(900, Control.TtlSeconds);
        Assert.Contains("900 s: the tenant wants 900 s, the region allows 3600 s.", _ama.Out);
        Assert.Equal(0, await _ama.RunAsync("lease-policy", "set", "28800"));
        Assert.Contains("3600 s: the tenant wants 28800 s", _ama.Out);
        Assert.Equal(0, await _ama.RunAsync("lease-policy", "set", "default"));
        Assert.Null(Control.TtlSeconds);
    }

    [Theory]
    [InlineData("job open reindex", "--from")]
    [InlineData("job open reindex --from 2026-13", "--from takes a month, such as 2026-03")]
    [InlineData("job open reindex --from January", "--from takes a month, such as 2026-03")]
    [InlineData("job open defrag --from 2026-01", "reindex")]
    [InlineData("job open reindex --from 2026-01 --per-minute 0", "1 to 1000000")]
    [InlineData("job open reindex --from 2026-01 --hours 720", "1 to 719")]
    [InlineData("erasure open", "RECORD")]
    [InlineData("lease-policy set soon", "900 to 28800")]
    public async Task WhatIsMistyped_IsSaid_AndExits2(string command, string told)
    {
        Assert.Equal(2, await _ama.RunAsync(command.Split(' ')));
        Assert.Contains(told, _ama.Error);
        Assert.Empty(Control.Opened);
    }

    private static uint At(int year, int month) =>
        RetentionPart.EpochOf(new(year, month, 1, 0, 0, 0, TimeSpan.Zero), RetentionPart.DefaultMonths);
}
