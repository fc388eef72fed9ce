using AMA.Adapters.Submission;
using AMA.Tests.Cluster.EndToEnd.World;
using Xunit;

namespace AMA.Tests.Cluster.EndToEnd;

/// <summary>
/// Real mail, odd and ordinary, comes back byte for byte. A representative part of the corpus; a script does all of it.
/// </summary>
public sealed class CorpusTests(TenantArchive archive, ITestOutputHelper output) : IClassFixture<TenantArchive>
{
    private const int OrdinaryEveryNth = 21;
    private const int Connections = 4;

    [Fact]
    public async Task RealMail_ComesBackByteIdentical()
    {
        Assert.SkipUnless(Corpus.IsThere, $"there is no corpus at {Corpus.Folder}; AMA_CORPUS names its folder");
        var sources = await SourcesAsync();
        ReadOnlyMemory<byte>[] sent = [.. sources.Select(source => CrlfForm.Of(source.Bytes))];
        var hashes = sent.Select(bytes => Eml.Hash(bytes.Span)).ToHashSet();
        output.WriteLine($"{sent.Length} messages, {hashes.Count} different, {sent.Sum(m => (long)m.Length)} bytes");

        var started = TimeProvider.System.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Connections).Select(first => SendAsync(sources, sent, first)));
        output.WriteLine($"sent after {TimeProvider.System.GetElapsedTime(started)}");
        var status = await archive.Tenant.Auditor.DrainedAsync(sent.Length);
        output.WriteLine($"archived and indexed after {TimeProvider.System.GetElapsedTime(started)}");

        Assert.Equal((hashes.Count, sent.Length - hashes.Count), (status.Archived, status.Duplicates));
        Assert.Equal(sent.Length, status.Accepted);
        var listed = await archive.Tenant.Auditor.AllAsync();
        Assert.Equal(hashes.Count, listed.Count);
        Assert.Equal(hashes.Order(), (await HashesAsync(listed)).Order());
        output.WriteLine($"fetched and compared after {TimeProvider.System.GetElapsedTime(started)}");
    }

    /// <summary>A part of the ordinary mail, and of the odd all there is, even files that are no mail at all.</summary>
    private static async Task<List<MessageSource>> SourcesAsync()
    {
        var (ordinary, odd) = (Path.Combine(Corpus.Folder, "ordinary"), Path.Combine(Corpus.Folder, "odd"));
        var sources = await Corpus.EveryAsync(OrdinaryEveryNth, Directory.GetFiles(ordinary, "*.tar.gz"));
        sources.AddRange(await Corpus.EveryAsync(1, Directory.GetFiles(odd, "*.tar.gz")));
        foreach (var file in Directory.GetFiles(odd, "*", SearchOption.AllDirectories))
            if (!file.EndsWith(".gz", StringComparison.Ordinal))
                sources.Add(new(file, await File.ReadAllBytesAsync(file)));
        return sources;
    }

    private async Task SendAsync(List<MessageSource> sources, ReadOnlyMemory<byte>[] messages, int first)
    {
        await using var session = await archive.ConnectAsync(
            first % 2 == 0 ? SubmissionTls.StartTls : SubmissionTls.Implicit);
        for (var i = first; i < messages.Length; i += Connections)
        {
            var reply = await session.SendAsync(
                RunningArchive.Sender, [archive.Tenant.Journal], messages[i], CancellationToken.None);
            Assert.True(reply.Code == 250, $"{sources[i].Name} was answered {reply}");
        }
    }

    private async Task<IEnumerable<string>> HashesAsync(List<Listed> listed)
    {
        var hashes = new string[listed.Count];
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = Connections };
        await Parallel.ForAsync(0, listed.Count, parallel, async (i, _) =>
        {
            var raw = await archive.Tenant.Auditor.RawAsync(listed[i].Id);
            Assert.Equal(listed[i].Size, raw.Length);
            hashes[i] = Eml.Hash(raw);
        });
        return hashes;
    }
}
