using AMA.Archive.Blobs;
using AMA.Archive.Ids;
using AMA.Archive.Keys;
using AMA.Search;
using AMA.Search.Documents;
using AMA.Search.Query;
using AMA.Search.Sealed;
using AMA.Tests.Unit.Core.Archive.Sealing;
using Microsoft.Extensions.Time.Testing;
using Microsoft.Win32.SafeHandles;

namespace AMA.Tests.Unit.Core.Search;

/// <summary>An index in a folder of its own, with a key that can be taken away and syncs that can fail.</summary>
public sealed class IndexBench : IDisposable
{
    public static readonly Guid IndexId = new("0f0e0d0c-0b0a-0908-0706-050403020100");

    public string Folder { get; } = Directory.CreateTempSubdirectory("ama-index-").FullName;
    public SeededRandom Random { get; } = new(20261123);
    public TimeProvider Time { get; set; } = new FakeTimeProvider();
    public CountingFiles Files { get; } = new();
    public ChunkCache Cache { get; set; } = new(1 << 20);
    public MailIndexOptions Options { get; set; } = new();
    public bool Locked { get; set; }
    private readonly Secret _key;

    public IndexBench() => _key = Secret.Random(Random);

    public IndexPlace Place => new(Path.Combine(Folder, "index"), IndexId);
    public IndexKeys Keys => new(3, _ => Locked ? throw new IndexLockedException("no lease") : _key);
    /// <summary>The same key under a newer version, with which new files are written.</summary>
    public IndexKeys KeysOf(ulong version) => Keys with { WriteVersion = version };

    public IndexMachine Machine => new(Files, Random, Cache, Time);

    public MailIndex Open() => MailIndex.Open(Place, Keys, Machine, Options);

    /// <summary>An index with these records, findable.</summary>
    public MailIndex OpenWith(params IEnumerable<IndexEntry> entries)
    {
        var index = Open();
        foreach (var entry in entries) index.Add(entry);
        index.Refresh();
        return index;
    }

    public void Dispose()
    {
        _key.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    /// <summary>A record: id, tag and delivery follow from the number.</summary>
    public static IndexEntry Entry(
        int number, string subject = "", string text = "", string from = "ada@example.org") => new()
    {
        Id = Id(number),
        LogIndex = (ulong)number * 10,
        DedupeTag = Tag(number),
        First = Delivery(number, "bounce@example.org", ["journal@archive.example"]),
        Size = 1_000 + number,
        MessageId = $"m{number}@example.org",
        Subject = subject,
        From = from,
        SenderAddresses = [from],
        Date = Day(number),
        Text = text,
    };

    public static RecordId Id(int number) => new(new Guid(number, 0, 0, new byte[8]));

    public static byte[] Tag(int number)
    {
        var tag = new byte[32];
        BitConverter.TryWriteBytes(tag, number);
        tag[31] = 9;
        return tag;
    }

    public static DateTimeOffset Day(int number) =>
        new DateTimeOffset(2015, 1, 1, 12, 0, 0, TimeSpan.Zero).AddDays(number);

    public static IndexedDelivery Delivery(int number, string sender, string[] recipients) => new(
        new(new SegmentId(new Guid(number, 1, 0, new byte[8])), (uint)number),
        new(new Guid(number, 2, 0, new byte[8]), number, (uint)number, 1),
        Day(number).AddMinutes(5), sender, recipients);

    /// <summary>The numbers of the records that answer, newest first.</summary>
    public static int[] Ask(MailIndex index, string query, Visibility? who = null) =>
        [.. index.Search(QueryParser.Parse(query), who ?? Visibility.All, 1_000, null).Items.Select(Number)];

    public static int Number(FoundMessage message) => BitConverter.ToInt32(message.Id.Value.ToByteArray());
}

/// <summary>Notes what was synced; fails on request.</summary>
public sealed class CountingFiles : IDurableFiles
{
    public List<string> Synced { get; } = [];
    public Func<string, bool> Fails { get; set; } = _ => false;

    public void SyncFile(SafeFileHandle file) => throw new NotSupportedException();

    public void SyncFile(string path) => Sync(path);

    public void SyncDirectory(string path) => Sync(path);

    private void Sync(string path)
    {
        if (Fails(path)) throw new IOException($"injected: {path}");
        Synced.Add(Path.GetFileName(path));
    }

    public void Replace(string source, string target) => throw new NotSupportedException();

    public bool TryRename(string source, string target) => throw new NotSupportedException();
}
