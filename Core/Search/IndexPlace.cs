using AMA.Archive.Blobs;
using AMA.Archive.Ids;
using AMA.Archive.Keys;
using AMA.Search.Sealed;

namespace AMA.Search;

/// <summary>
/// One index on disk. The id is bound into every file: a file of another index never opens in this one.
/// </summary>
public sealed record IndexPlace(string Directory, Guid IndexId);

/// <summary>
/// The index key (IXK) of a version. The caller keeps ownership: the secret is read, never kept or disposed of here.
/// Throws <see cref="IndexLockedException"/> when the lease that held it is gone.
/// </summary>
public delegate Secret IndexKeySource(ulong version);

/// <param name="WriteVersion">The IXK version that new files are sealed under.</param>
public sealed record IndexKeys(ulong WriteVersion, IndexKeySource Of);

/// <summary>What an index uses of the machine. The cache is the process's one.</summary>
public sealed record IndexMachine(IDurableFiles Files, IRandom Random, ChunkCache Cache, TimeProvider Time);
