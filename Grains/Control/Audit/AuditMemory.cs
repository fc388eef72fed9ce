using System.Text.Json.Serialization;
using AMA.Archive.Log.Merkle;

namespace AMA.Grains.Control.Audit;

/// <summary>
/// What Control knows of its log without reading it: where the chain ends, the tree's edge, each state's newest mark.
/// Holds only what is durable. Safe for several threads.
/// </summary>
internal sealed class AuditMemory
{
    private readonly Lock _gate = new();
    private readonly MerkleTree _tree;
    private readonly Dictionary<string, StateMark> _marks;
    private readonly Dictionary<(int Level, long Number), byte[]> _tiles = [];
    private string? _checkpoint;
    private AuditEnd _end;

    public AuditMemory(AuditHead? head)
    {
        _tree = head is null ? new MerkleTree() : MerkleTree.Resume(head.Entries, head.Edge);
        _marks = (head?.Marks ?? []).ToDictionary(mark => mark.Name);
        _checkpoint = head?.Checkpoint;
        _end = head is null ? AuditEnd.Empty : new(head.Next, head.Previous, head.Time);
    }

    public AuditEnd End
    {
        get
        {
            lock (_gate) return _end;
        }
    }

    public long Entries
    {
        get
        {
            lock (_gate) return _tree.Size;
        }
    }

    /// <summary>The newest signed checkpoint, or null.</summary>
    public string? Checkpoint
    {
        get
        {
            lock (_gate) return _checkpoint;
        }
        set
        {
            lock (_gate) _checkpoint = value;
        }
    }

    /// <summary>Every state's newest mark.</summary>
    public IReadOnlyList<StateMark> Marks
    {
        get
        {
            lock (_gate) return [.. _marks.Values];
        }
    }

    public StateMark? MarkOf(string name)
    {
        lock (_gate) return _marks.GetValueOrDefault(name);
    }

    /// <param name="hash">SHA-256 of the batch's blob.</param>
    public void Learn(AuditBatch batch, byte[] hash)
    {
        lock (_gate)
        {
            foreach (var line in batch.Lines)
            {
                if (AuditEntry.Decode(line.Entry) is { Mark: { } mark } entry) Learn(mark, entry.Act);
                foreach (var tile in _tree.Append(line.LeafHash())) _tiles[(tile.Level, tile.Number)] = tile.Hashes;
            }
            _end = new(batch.Number + 1, hash, batch.Time);
        }
    }

    /// <summary>Marks that ride on other acts' entries come in any order; those of writes come in theirs.</summary>
    private void Learn(StateMark mark, AuditAct act)
    {
        var known = _marks.GetValueOrDefault(mark.Name)?.Generation ?? 0;
        if (act != AuditAct.StateWrite && known > mark.Generation) return;
        _marks[mark.Name] = mark;
    }

    /// <summary>The tree as it is now, for reading at leisure.</summary>
    public MerkleTree Tree()
    {
        lock (_gate) return MerkleTree.Resume(_tree.Size, _tree.Edge);
    }

    /// <summary>A full tile that not every store has yet.</summary>
    public byte[]? Tile(int level, long number)
    {
        lock (_gate) return _tiles.GetValueOrDefault((level, number));
    }

    /// <summary>Drops the tiles of the first <paramref name="entries"/>, which lie in a store now.</summary>
    public void ForgetTiles(long entries)
    {
        lock (_gate)
        {
            foreach (var tile in _tiles.Keys.Where(tile => AuditTiles.CountOf(tile.Level, entries) > tile.Number).ToList())
                _tiles.Remove(tile);
        }
    }

    public AuditHead ToHead()
    {
        lock (_gate)
        {
            return new(_end.Next, _end.Previous, _end.Time, _tree.Size, [.. _tree.Edge], [.. _marks.Values])
            {
                Checkpoint = _checkpoint,
            };
        }
    }
}

/// <param name="Next">The number of the next batch.</param>
/// <param name="Previous">SHA-256 of the last one, 32 zeros before the first.</param>
/// <param name="Time">Of the last one; no later one is earlier.</param>
internal readonly record struct AuditEnd(ulong Next, byte[] Previous, DateTimeOffset Time)
{
    public static AuditEnd Empty => new(0, new byte[AuditBatch.HashBytes], DateTimeOffset.UnixEpoch);
}

/// <summary>
/// A snapshot of <see cref="AuditMemory"/>, so that a start reads the log's last minutes and not its years. Sealed;
/// trusted as far as the batches that it names are the ones in the stores.
/// </summary>
internal sealed record AuditHead(
    ulong Next, byte[] Previous, DateTimeOffset Time, long Entries, byte[][] Edge, StateMark[] Marks)
{
    public const string Prefix = "head/";

    public string? Checkpoint { get; init; }

    public static string NameOf(ulong next) => $"{Prefix}{next:D12}.amch";
}

internal static class AuditTiles
{
    private const int TileBits = 8;
    private const int LevelsMax = 7;

    /// <summary>How many full tiles of that level so many entries fill.</summary>
    public static long CountOf(int level, long entries) => entries >> (TileBits * (level + 1));

    /// <summary>The full tiles that have come between the two sizes, lower levels first.</summary>
    public static IEnumerable<(int Level, long Number)> Between(long older, long newer)
    {
        for (var level = 0; level < LevelsMax; level++)
            for (var number = CountOf(level, older); number < CountOf(level, newer); number++)
                yield return (level, number);
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(AuditHead))]
internal sealed partial class AuditHeadJson : JsonSerializerContext;
