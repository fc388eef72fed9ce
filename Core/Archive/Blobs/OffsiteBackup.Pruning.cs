using System.Globalization;
using System.Text;

namespace AMA.Archive.Blobs;

public sealed partial class OffsiteBackup
{
    /// <summary>Between two lists of what is the newest.</summary>
    private const int ListEveryDays = 7;

    /// <summary>Names in one blob of a list: some 25 MB.</summary>
    private const int NamesMax = 200_000;

    private const string ListPrefix = "newest/";

    private static readonly string[] Sources = ["a/", "b/"];

    /// <summary>
    /// Deletes versions that were no longer the newest of their name <paramref name="keep"/> ago. Versions carry no
    /// time: once a week a list of the newest ones is put beside them, "newest/{day}-{part}", and when the list is old
    /// enough, what lies before its entries goes. How many went.
    /// </summary>
    public async ValueTask<long> PruneAsync(DateTimeOffset now, TimeSpan keep, CancellationToken cancel)
    {
        var today = DayOf(now);
        var lists = new List<string>();
        await foreach (var list in store.ListAsync(ListPrefix, null, cancel)) lists.Add(list.Name);
        if (lists.Count == 0 || today - DayOf(lists[^1]) >= ListEveryDays) await PutListAsync(today, cancel);
        var deleted = 0L;
        foreach (var list in lists.Where(list => today - DayOf(list) >= keep.TotalDays))
        {
            deleted += await PruneAsync(list, cancel);
            await store.DeleteAsync(list, cancel);
        }
        return deleted;
    }

    private async ValueTask PutListAsync(long day, CancellationToken cancel)
    {
        var (lines, part) = (new List<string>(), 0);
        foreach (var source in Sources)
        {
            string? newest = null;
            await foreach (var blob in store.ListAsync(source, null, cancel))
            {
                if (newest is not null && FolderOf(newest) != FolderOf(blob.Name)) await AddAsync(newest);
                newest = blob.Name;
            }
            if (newest is not null) await AddAsync(newest);
        }
        await FlushAsync();

        async ValueTask AddAsync(string name)
        {
            lines.Add(name);
            if (lines.Count == NamesMax) await FlushAsync();
        }

        async ValueTask FlushAsync()
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"{ListPrefix}{day:D6}-{part++:D4}");
            await store.PutIfAbsentAsync(name, Encoding.UTF8.GetBytes(string.Join('\n', lines)), cancel);
            lines.Clear();
        }
    }

    /// <summary>What lies before each of the list's versions; the version itself stays, newest or not.</summary>
    private async ValueTask<long> PruneAsync(string list, CancellationToken cancel)
    {
        var blob = await store.GetAsync(list, cancel) ?? throw new BlobNotFoundException(list);
        var deleted = 0L;
        foreach (var newest in Encoding.UTF8.GetString(blob.Content.Span).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var old = new List<string>();
            await foreach (var version in store.ListAsync(FolderOf(newest), null, cancel))
            {
                if (string.CompareOrdinal(version.Name, newest) >= 0) break;
                old.Add(version.Name);
            }
            foreach (var name in old) await store.DeleteAsync(name, cancel);
            deleted += old.Count;
        }
        return deleted;
    }

    private static string FolderOf(string version) => version[..(version.LastIndexOf('/') + 1)];

    private static long DayOf(DateTimeOffset time) => time.ToUnixTimeSeconds() / (24 * 60 * 60);

    private static long DayOf(string list) =>
        long.Parse(list.AsSpan(ListPrefix.Length, 6), CultureInfo.InvariantCulture);
}
