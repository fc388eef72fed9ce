using System.Security.Cryptography;
using System.Threading.Channels;
using AMA.Archive.Blobs;
using AMA.Grains.Control.Audit;
using Orleans;

namespace AMA.Grains.Control.Survival;

/// <summary>
/// The blobs that hold the region's own keys: which write of each is the newest stands in the audit log. A start on
/// older ones would open nothing, or a region's document of before: with an operator token that was changed since, or
/// with leaves that a restore has given out.
/// </summary>
/// <param name="pair">Both stores as one, with the blobs' heads.</param>
public sealed class WrapMarks(IBlobStore pair, TimeProvider time)
{
    private readonly Channel<bool> _written = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private static readonly string[] Rooms = ["keys/", "recovery/", "roots/"];

    /// <summary>Key wraps, whose head the store counts; the region's document has one of its own.</summary>
    public static bool IsCounted(string name) => IsIn(name)
        && (name.EndsWith(".amk1", StringComparison.Ordinal) || name.EndsWith(".amd1", StringComparison.Ordinal));

    /// <summary>
    /// At start, once both stores are level. Throws <see cref="AuditDamageException"/> when what they hold is older than
    /// what the log knows.
    /// </summary>
    public async Task CheckAsync(IEnumerable<StateMark> marks)
    {
        foreach (var mark in marks.Where(mark => IsIn(mark.Name)))
        {
            var blob = await pair.GetAsync(mark.Name, default);
            var version = blob is null ? StateVersion.None(mark.Name) : VersionOf(mark.Name, blob);
            if (StateMarks.RefusalOf(mark, version) is { } reason)
                throw new AuditDamageException(
                    $"Both of Control's stores hold an older {mark.Name}: {reason}. Its keys are not used.");
        }
    }

    /// <summary>A blob was written: if it is one of these, whoever waits looks for it.</summary>
    public void Note(string name)
    {
        if (IsIn(name)) _written.Writer.TryWrite(true);
    }

    /// <summary>Returns once something was written that may not be on record.</summary>
    public async Task WaitAsync(CancellationToken cancel) => await _written.Reader.ReadAsync(cancel);

    /// <summary>Whatever was written since the last call is the newest from now on. Throws when it can't be recorded.
    /// </summary>
    public async Task RecordAsync(IGrainFactory grains, string region)
    {
        var audit = grains.GetGrain<IAuditGrain>(region);
        foreach (var room in Rooms)
            await foreach (var info in pair.ListAsync(room, null, default))
                if (await pair.GetAsync(info.Name, default) is { } blob) await RecordAsync(audit, VersionOf(info.Name, blob));
    }

    private async Task RecordAsync(IAuditGrain audit, StateVersion version)
    {
        var mark = await audit.MarkOf(version.Name);
        if (mark is null || mark.Generation < version.Generation)
            await StateMarks.Record(audit, version, time.GetUtcNow());
    }

    private static bool IsIn(string name) =>
        Array.Exists(Rooms, room => name.StartsWith(room, StringComparison.Ordinal));

    private static StateVersion VersionOf(string name, Blob blob) => new(
        name, StateVersion.GenerationOf(blob.Content.Span),
        Convert.ToHexStringLower(SHA256.HashData(blob.Content.Span)), blob.ETag);
}
