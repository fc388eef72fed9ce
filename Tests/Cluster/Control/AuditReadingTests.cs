using System.Text;
using AMA.Archive.Log.Merkle;
using AMA.Grains.Control.Audit;
using AMA.Grains.Control.Keys;
using AMA.Grains.Interfaces.Control;
using Xunit;

namespace AMA.Tests.Cluster.Control;

/// <summary>Who may read what of the log, and what proves it.</summary>
public class AuditReadingTests
{
    private const string Other = "loud-mountain";

    [Fact]
    public async Task Threat_26_Auditor_SeesEveryLeaseOfTheOwnTenant_AndNothingOfAnother()
    {
        await using var world = await ControlWorld.StartNewAsync();
        var tenant = await world.CreateTenantAsync();
        var other = await world.CreateTenantAsync(Other, "journal@loud-mountain.example");
        using var silo = await TestSilo.JoinAsync(world);
        for (var i = 0; i < 3; i++)
        {
            await silo.IngestAsync(tenant.Id);
            await silo.IngestAsync(other.Id);
        }
        var token = await Auditors.TokenAsync(world, ControlWorld.Tenant);

        var page = await Reader(world).Tenant(token, new(null, "lease-grant", null));

        Assert.Equal(3, page.Items.Length);
        Assert.True(Checkpoint.TryVerify(
            page.Checkpoint, "ama.example/eu/control-audit", world.Service<KeyRing>().SigningKey, out var signed));
        Assert.All(page.Items, item =>
        {
            var entry = AuditEntry.Decode(item.Entry);
            Assert.Equal(tenant.Id, entry.Tenant);
            Assert.NotNull(entry.Silo);
            Assert.True(entry.Granted);
            Assert.True(MerkleProofs.IncludesLeaf(
                AuditLeaf.HashOf(item.Salt, item.Entry), item.Index, signed.Size, item.Path, signed.Root));
        });
        var all = await Reader(world).Tenant(token, new(null, null, null));
        Assert.All(all.Items, item =>
        {
            Assert.DoesNotContain(other.Id.ToString("N"), Encoding.UTF8.GetString(item.Entry));
            Assert.DoesNotContain(Other, Encoding.UTF8.GetString(item.Entry));
        });
    }

    [Fact]
    public async Task NobodyButALiveAuditor_ReadsATenantsPart_AndThatIsOnRecord()
    {
        await using var world = await ControlWorld.StartNewAsync();
        await world.CreateTenantAsync();
        var operators = (await world.Directory.OperatorGrant(world.OperatorToken)).Token;
        foreach (var (token, refusal) in new[]
        {
            (operators, ControlRefusal.NotAllowed), ("", ControlRefusal.NotAuthorised),
            ("nonsense", ControlRefusal.NotAuthorised),
        })
            await Refusal.IsAsync(refusal, () => Reader(world).Tenant(token, new(null, null, null)));

        var entries = await AuditTrail.ReadAsync(world);
        Assert.Equal(3, entries.Count(entry => entry is { Act: AuditAct.AuditReading, Granted: false }));
    }

    [Fact]
    public async Task Pages_GiveEveryEntryOnce_AndSinceCutsTheOldOnes()
    {
        await using var world = await ControlWorld.StartNewAsync();
        for (var i = 0; i < 250; i++) await world.Directory.OperatorGrant(world.OperatorToken);
        world.Clock.Advance(TimeSpan.FromMinutes(1));
        var later = world.Clock.GetUtcNow();
        await world.Directory.OperatorGrant(world.OperatorToken);
        var reading = world.Service<AuditReading>();

        var indexes = new List<long>();
        string? cursor = null;
        do
        {
            var page = await reading.ReadAsync(new(null, "operator-grant", cursor), null);
            Assert.InRange(page.Items.Length, 0, 200);
            indexes.AddRange(page.Items.Select(item => item.Index));
            cursor = page.Next;
        }
        while (cursor is not null);
        Assert.Equal(251, indexes.Distinct().Count());
        Assert.Equal(251, indexes.Count);
        Assert.Single((await reading.ReadAsync(new(later, "operator-grant", null), null)).Items);
        await Refusal.IsAsync(ControlRefusal.Invalid, () => reading.ReadAsync(new(null, null, "x"), null));
    }

    [Fact]
    public async Task Verification_SaysWhatHolds_AndSeesAnAlteredBatch()
    {
        await using var world = await ControlWorld.StartNewAsync();
        await world.CreateTenantAsync();
        await world.RestartAsync(); // nothing of it is in memory any more
        var good = await world.Service<AuditVerification>().RunAsync(default);
        Assert.True(good.Holds, string.Join('\n', good.Findings));
        Assert.Contains(good.Findings, finding => finding.Contains("root that Control signed", StringComparison.Ordinal));

        foreach (var store in new[] { "a", "b" })
        {
            var file = Path.Combine(world.Root, "control", store, "audit", AuditBatch.NameOf(0));
            var bytes = await File.ReadAllBytesAsync(file);
            bytes[^1] ^= 1;
            await File.WriteAllBytesAsync(file, bytes);
        }
        var bad = await world.Service<AuditVerification>().RunAsync(default);
        Assert.False(bad.Holds);
        Assert.Contains("Batch 0 is altered", Assert.Single(bad.Findings));
    }

    private static IAuditReaderGrain Reader(ControlWorld world) => world.Grain<IAuditReaderGrain>("eu");
}
