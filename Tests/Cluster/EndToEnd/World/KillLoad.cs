using System.Collections.Concurrent;
using System.Text;
using Xunit;

namespace AMA.Tests.Cluster.EndToEnd.World;

/// <summary>Messages over several connections, each with a marker as its subject, until the server is gone.</summary>
public sealed class KillLoad(int seed)
{
    private const int Connections = 5;
    private const int MessagesPerRoundMax = 2_000;

    /// <summary>More than that streams into a segment of its own.</summary>
    private const int LargeBytes = (1 << 20) + 4_096;

    private int _number;

    /// <summary>Marker to SHA-256 of all that may have arrived.</summary>
    public ConcurrentDictionary<string, string> Sent { get; } = new();

    /// <summary>Marker to receipt of all that got 250.</summary>
    public ConcurrentDictionary<string, string> Acknowledged { get; } = new();

    public Task SendUntilBrokenAsync(Tenant tenant) =>
        Task.WhenAll(Enumerable.Range(0, Connections).Select(_ => SendOverOneAsync(tenant)));

    /// <summary>
    /// Returns when the archive has caught up, and what it lists then: all that was acknowledged, once; besides only
    /// what was sent; and no delivery more than that.
    /// </summary>
    public async Task<List<Listed>> AllThereAsync(Rest auditor)
    {
        var status = await WaitUntil.AnswerAsync("all caught up", auditor.StatusAsync,
            s => s.Archived >= Acknowledged.Count && s.Indexed == s.Archived && s.Spool.IsEmpty);
        var listed = await auditor.AllAsync();
        Assert.True(status.AddUp, status.ToString());
        Assert.Equal((listed.Count, 0, 0), (status.Archived, status.Duplicates, status.Quarantined));
        var sources = await auditor.SourceCountsAsync("nordwind");
        Assert.Equal((status.Archived, 0), (sources.Sum(s => s.Archived), sources.Sum(s => s.Duplicates)));
        var subjects = listed.Select(item => item.Subject).ToHashSet();
        Assert.Equal(listed.Count, subjects.Count);
        Assert.Subset(Sent.Keys.ToHashSet(), subjects);
        Assert.Subset(subjects, Acknowledged.Keys.ToHashSet());
        return listed;
    }

    private async Task SendOverOneAsync(Tenant tenant)
    {
        try
        {
            await using var session = await tenant.Archive.ConnectAsync();
            for (var sent = 0; sent < MessagesPerRoundMax && session.IsUsable; sent++)
            {
                var (marker, message) = Make(Interlocked.Increment(ref _number));
                Sent[marker] = Eml.Hash(message);
                var reply = await session.SendAsync(
                    RunningArchive.Sender, [tenant.Journal], message, CancellationToken.None);
                if (reply.Accepted) Acknowledged[marker] = reply.Text;
            }
        }
        catch (IOException)
        {
            // Killed: whatever had no answer yet may be there or not.
        }
    }

    /// <summary>One in 16 is as large as many pages, one in 64 streams.</summary>
    private (string Marker, byte[] Message) Make(int number)
    {
        var random = new Random(unchecked((seed * 1_000_003) + number));
        var marker = $"marke{seed & 0xffff:x4}x{number:x6}";
        var length = number % 64 == 63 ? LargeBytes : number % 16 == 15 ? 200_000 : random.Next(50, 6_000);
        var text = new StringBuilder(length);
        while (text.Length < length) text.Append($"{random.Next():x8} ").Append(random.Next(8) == 0 ? "\r\n" : "");
        return (marker, Eml.Of(marker, text.ToString(), more: $"X-Marker: {marker}"));
    }
}
