using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using AMA.Archive.Ids;
using AMA.Archive.Retention;
using AMA.Archive.Sealing;
using AMA.Grains.Archive.Leases;
using AMA.Search;
using Microsoft.Extensions.Logging;

namespace AMA.Grains.Archive.Index;

/// <summary>
/// Which directory of this machine holds which part's index. The directories' names are random, and a file in each,
/// sealed under the partition key, says whose it is: the disk alone tells neither tenants nor months.
/// </summary>
public sealed partial class IndexPlaces(
    IndexRoomOptions options, IndexMachine machine, PartitionKeys keys, ILogger<IndexPlaces> log)
{
    private const string PlaceName = "place.ama";
    private const string FilesName = "files";

    private readonly Lock _making = new();
    private readonly ConcurrentDictionary<RetentionPart, string> _directories = new();
    private volatile bool _loaded;

    /// <summary>
    /// Gets the key. Throws <see cref="Interfaces.Archive.ArchiveException"/> (Locked) while Control is away.
    /// </summary>
    public Task ReadyAsync() => keys.EnsureAsync();

    /// <summary>
    /// Where the part's index files lie; the place is made if there is none. Reads the disk: not in a grain's turn.
    /// Throws <see cref="IndexLockedException"/> before <see cref="ReadyAsync"/>.
    /// </summary>
    public string FilesOf(RetentionPart part)
    {
        Load();
        if (_directories.TryGetValue(part, out var known)) return Path.Combine(known, FilesName);
        lock (_making)
        {
            return Path.Combine(_directories.GetOrAdd(part, Make), FilesName);
        }
    }

    /// <summary>Deletes the part's index, and what says where it lies. It must be closed.</summary>
    public void Delete(RetentionPart part)
    {
        Load();
        if (!_directories.TryRemove(part, out var directory) || !Directory.Exists(directory)) return;
        Directory.Delete(directory, recursive: true);
        machine.Files.SyncDirectory(options.Directory);
    }

    /// <summary>Puts a damaged index aside, for people to look at; an empty one takes its place.</summary>
    public void PutAside(RetentionPart part)
    {
        var files = FilesOf(part);
        var now = machine.Time.GetUtcNow();
        if (Directory.Exists(files))
            Directory.Move(files, $"{files}.damaged-{now.ToString("yyyyMMddHHmmss", CultureInfo.InvariantCulture)}");
    }

    /// <summary>
    /// Rewrites under the newest version what lies under an older one; then none of the others is needed.
    /// </summary>
    public ulong Renew()
    {
        Load();
        var newest = keys.Newest ?? throw Locked();
        foreach (var (part, directory) in _directories)
        {
            var place = PlaceIn(directory);
            if (place.Read(keys.Of)?.KeyVersion != newest.Version) place.Write(newest, Encoding.UTF8.GetBytes($"{part}"));
        }
        return newest.Version;
    }

    private void Load()
    {
        if (_loaded) return;
        if (keys.Newest is null) throw Locked();
        lock (_making)
        {
            if (_loaded) return;
            Directory.CreateDirectory(options.Directory);
            foreach (var directory in Directory.EnumerateDirectories(options.Directory)) Load(directory);
            _loaded = true;
        }
    }

    private void Load(string directory)
    {
        try
        {
            if (PlaceIn(directory).Read(keys.Of) is { } place)
                _directories[RetentionPart.Parse(Encoding.UTF8.GetString(place.Content))] = directory;
            else LogUnknown(directory, "nothing says whose it is");
        }
        catch (SealException unreadable)
        {
            // Of another machine, or its key is long dead: what was in it is made again from the log.
            LogUnknown(directory, unreadable.Message);
        }
    }

    private string Make(RetentionPart part)
    {
        var newest = keys.Newest ?? throw Locked();
        var directory = Path.Combine(options.Directory, machine.Random.NextId().ToString("N"));
        Directory.CreateDirectory(directory);
        PlaceIn(directory).Write(newest, Encoding.UTF8.GetBytes($"{part}"));
        machine.Files.SyncDirectory(options.Directory);
        return directory;
    }

    private LocalFile PlaceIn(string directory) => new(
        Path.Combine(directory, PlaceName), $"{Path.GetFileName(directory)}/{PlaceName}", keys.Place, machine.Files,
        machine.Random);

    private static IndexLockedException Locked() => new("Control has not handed out the key of this machine's disk");

    [LoggerMessage(1, LogLevel.Error, "Index directory {directory} is not used: {reason}")]
    private partial void LogUnknown(string directory, string reason);
}
