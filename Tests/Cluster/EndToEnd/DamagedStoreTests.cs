using System.Net;
using AMA.Tests.Cluster.EndToEnd.World;
using Xunit;

namespace AMA.Tests.Cluster.EndToEnd;

/// <summary>
/// Somebody with the disk but without keys changes what lies there: it is noticed, never served, and the rest goes on.
/// </summary>
public sealed class DamagedStoreTests
{
    [Fact]
    public async Task Threat_36_ChangedOrSwappedPacks_AreNeverServed()
    {
        await using var archive = new EmbeddedArchive();
        await archive.InitializeAsync();
        var (one, other) = (await archive.CreateTenantAsync("one"), await archive.CreateTenantAsync("other"));
        var flipped = await ArchiveAsync(archive, one, "flipped");
        var (mine, theirs) = (await ArchiveAsync(archive, one, "mine"), await ArchiveAsync(archive, other, "theirs"));
        var (first, second) = (await ArchiveAsync(archive, one, "first"), await ArchiveAsync(archive, one, "second"));
        var whole = await ArchiveAsync(archive, one, "whole");

        await archive.RestartAsync(() =>
        {
            var bytes = File.ReadAllBytes(flipped.Pack);
            bytes[bytes.Length / 2] ^= 1;
            File.WriteAllBytes(flipped.Pack, bytes);
            Swap(mine.Pack, theirs.Pack);
            Swap(first.Pack, second.Pack);
        });

        foreach (var (tenant, damaged) in
            new[] { (one, flipped), (one, mine), (other, theirs), (one, first), (one, second) })
        {
            await WaitUntil.AnswerAsync("the index", () => tenant.Auditor.SearchAsync(damaged.Word), f => f.Total == 1);
            var raw = await tenant.Auditor.GetAsync($"v1/messages/{damaged.Id}/raw");
            Assert.Equal(HttpStatusCode.ServiceUnavailable, raw.Status);
            Assert.Equal("application/problem+json", raw.ContentType);
            Assert.Equal(
                HttpStatusCode.ServiceUnavailable, (await tenant.Auditor.GetAsync($"v1/messages/{damaged.Id}")).Status);
        }
        Assert.Equal(Eml.Hash(whole.Raw), Eml.Hash(await one.Auditor.RawAsync(whole.Id)));
        Assert.Contains(archive.Log.Lines, line => line.StartsWith("Error", StringComparison.Ordinal));
    }

    /// <summary>One message in a pack of its own.</summary>
    private static async Task<Stored> ArchiveAsync(EmbeddedArchive archive, Tenant tenant, string word)
    {
        var before = Packs(archive);
        var raw = Eml.Of(word, $"{word} wort");
        await tenant.SendAsync(raw);
        var listed = await tenant.FindAsync(word);
        return new(word, listed.Id, raw, Assert.Single(Packs(archive).Except(before)));
    }

    private static string[] Packs(EmbeddedArchive archive) => archive.Folder.Files("primary", "packs");

    private static void Swap(string one, string other)
    {
        var (first, second) = (File.ReadAllBytes(one), File.ReadAllBytes(other));
        File.WriteAllBytes(one, second);
        File.WriteAllBytes(other, first);
    }

    private sealed record Stored(string Word, string Id, byte[] Raw, string Pack);
}
