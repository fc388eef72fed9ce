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

    /// <summary>A list is due for so long before it is used.</summary>
    private static readonly TimeSpan Notice = TimeSpan.FromDays(1);

    private static readonly string[] Sources = ["a/", "b/"];

    /// <summary>Lists that are due, with the timestamp of the round that saw it first.</summary>
    private readonly Dictionary<string, long> _due = [];

    /// <summary>
    /// Deletes versions that were no longer the newest of their name <paramref name="keep"/> ago. Versions carry no
    /// time: once a week a list of the newest ones is put beside them, "newest/{day}-{part}", and when the list is old
    /// enough, what lies before its entries goes. How many went. One round at a time.
    /// </summary>
    /// <remarks>
    /// A clock may be wrong: a list is used when rounds at least a day apart, by the clock that nobody sets, saw it due,
    /// and all in between did. A process that ends begins that day again.
    /// </remarks>
    public async ValueTask<long> PruneAsync(TimeProvider time, TimeSpan keep, CancellationToken cancel)
    {
        var today = DayOf(time.GetUtcNow());
        var lists = new List<string>();
        await foreach (var list in store.ListAsync(ListPrefix, null, cancel)) lists.Add(list.Name);
        if (lists.Count == 0 || today - DayOf(lists[^1]) >= ListEveryDays) await PutListAsync(today, cancel);
        var deleted = 0L;
        foreach (var list in Ripe([.. lists.Where(list => today - DayOf(list) >= keep.TotalDays)], time))
        {
            deleted += await PruneAsync(list, cancel);
            await store.DeleteAsync(list, cancel);
        }
        return deleted;
    }

    private string[] Ripe(string[] due, TimeProvider time)
    {
        foreach (var corrected in _due.Keys.Except(due).ToArray()) _due.Remove(corrected);
        foreach (var list in due) _due.TryAdd(list, time.GetTimestamp());
        return [.. due.Where(list => time.GetElapsedTime(_due[list]) >= Notice)];
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
