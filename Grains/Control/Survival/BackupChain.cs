using AMA.Archive.Log;

namespace AMA.Grains.Control.Survival;

/// <summary>
/// Finds the log among the batches that Backup holds. Two can have the same number: two writers' that raced, of whom only
/// one went on. So a batch counts once the next number follows from it, or when nothing else has its number.
/// </summary>
/// <param name="number">Of the last batch known to be of the log; 0: none.</param>
/// <param name="hash">Its hash.</param>
internal sealed class BackupChain(ulong number, byte[] hash)
{
    private List<Link> _tips = number == 0 ? [] : [new(null, null, hash) { IsDecided = true }];
    private List<Link> _next = [];
    private ulong _number = number;
    private bool _isFirst = true;

    /// <summary>
    /// Takes all batches in the order of their numbers; answers those that are of the log for certain now. Throws
    /// <see cref="LogException"/> (Gap).
    /// </summary>
    public IReadOnlyList<LogBatch> Add(LogBatch batch)
    {
        IReadOnlyList<LogBatch> decided = [];
        if (batch.Number != _number)
        {
            if (batch.Number != _number + 1) throw Gap(batch.Number);
            decided = _isFirst ? [] : Turn();
            (_number, _isFirst) = (batch.Number, false);
        }
        if (_number == 1 && batch.PreviousHash.AsSpan().SequenceEqual(LogLeaf.NoHash)) _next.Add(new(null, batch, batch.Hash));
        foreach (var tip in _tips.Where(tip => tip.Hash.AsSpan().SequenceEqual(batch.PreviousHash)))
            _next.Add(new(tip, batch, batch.Hash));
        return decided;
    }

    /// <summary>
    /// What is left. Of a number that was still open both: what either of them erases had been ordered, and a hold is
    /// honoured whichever it is in.
    /// </summary>
    public IReadOnlyList<ReplayedBatch> End()
    {
        var decided = _isFirst ? [] : Turn();
        var open = _tips.SelectMany(Open).Distinct().OrderBy(batch => batch.Number);
        return [.. decided.Select(batch => new ReplayedBatch(batch, true)), .. open.Select(batch => new ReplayedBatch(batch, false))];
    }

    /// <summary>The number's batches are all there: those before it that none of them follows are not of the log.</summary>
    private List<LogBatch> Turn()
    {
        if (_next.Count == 0) throw Gap(_number);
        (_tips, _next) = (_next, []);
        if (_tips.Count > 1) return [];
        var decided = Open(_tips[0]);
        _tips = [_tips[0] with { Before = null, IsDecided = true }];
        return decided;
    }

    private static List<LogBatch> Open(Link tip)
    {
        var open = new List<LogBatch>();
        for (var link = tip; link is { IsDecided: false }; link = link.Before) open.Add(link.Batch!);
        open.Reverse();
        return open;
    }

    private static LogException Gap(ulong number) => new(LogFault.Gap, $"batch {number} doesn't follow in Backup");

    /// <param name="Batch">Null only for the one that was known before.</param>
    private sealed record Link(Link? Before, LogBatch? Batch, byte[] Hash)
    {
        public bool IsDecided { get; init; }
    }
}
