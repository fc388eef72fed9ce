using System.Net;
using System.Text;
using AMA.Adapters.Local;
using AMA.Archive.Ids;
using AMA.Tests.Cluster.EndToEnd.World;
using AMA.Tests.Cluster.Identity;
using Xunit;

namespace AMA.Tests.Cluster.EndToEnd;

/// <summary>The keys that Control made, looked for in the memory of the archive silo that leased them.</summary>
public class KeysInMemoryTests
{
    private const int WindowBytes = 16;

    private static readonly byte[] NoSecret = Encoding.UTF8.GetBytes("AMA.Silo.Archive.dll");

    [Fact]
    public async Task Threat_38_AfterTheLease_NoByteOfALeasedKeyIsLeft()
    {
        var made = new KeptRandom();
        await using var archive = await SeparateArchive.StartNewAsync(made);
        var silo = archive.IdOf("AMA.Silo.Archive");
        var early = ProcessMemory.FoundIn(silo, made.Keys);
        var tenant = await archive.CreateTenantAsync("nordwind");
        await tenant.SendAsync(Eml.Of("before", "vorher"));
        await tenant.FindAsync("vorher");

        // The test can fail: while the lease lasts the tenant's keys are there.
        var leased = ProcessMemory.FoundIn(silo, made.Keys);
        Assert.True(leased.Count >= 2, $"only {leased.Count} of {made.Keys.Count} keys were found in a silo that uses them");

        await archive.StopOwnControlAsync();
        await WaitUntil.AnswerAsync(
            "423", () => tenant.Auditor.GetAsync(Rest.SearchPath("vorher")),
            answer => answer.Status == HttpStatusCode.Locked);
        // One stays for as long as the silo lives, and was there first: of its own disk, under which no mail lies.
        var partition = await WaitUntil.AnswerAsync(
            "at most the disk's key", () => Task.FromResult(ProcessMemory.FoundIn(silo, leased)), left => left.Count <= 1);
        Assert.Subset(early.ToHashSet(), partition.ToHashSet());
        byte[][] windows = [.. leased.Except(partition).SelectMany(Windows)];
        await WaitUntil.AnswerAsync(
            "memory without keys", () => Task.FromResult(ProcessMemory.FoundIn(silo, windows)), left => left.Count == 0);

        // The core is one of this process, and not an empty one: what is no secret stands in it.
        using var folder = new TempFolder("core");
        Assert.Equal([NoSecret], await ProcessMemory.FoundInCoreAsync(silo, folder, [NoSecret, .. windows]));
    }

    private static IEnumerable<byte[]> Windows(byte[] key)
    {
        for (var at = 0; at + WindowBytes <= key.Length; at++) yield return key[at..(at + WindowBytes)];
    }

    /// <summary>Real randomness that remembers what may have become a key.</summary>
    private sealed class KeptRandom : IRandom
    {
        private const int KeyBytes = 32;

        private readonly Lock _gate = new();
        private readonly List<byte[]> _keys = [];

        public IReadOnlyList<byte[]> Keys
        {
            get
            {
                lock (_gate) return [.. _keys];
            }
        }

        public void Fill(Span<byte> destination)
        {
            SystemRandom.Instance.Fill(destination);
            if (destination.Length != KeyBytes) return;
            lock (_gate) _keys.Add(destination.ToArray());
        }
    }
}
