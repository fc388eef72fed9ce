namespace AMA.Gateway.Cli.Sending;

/// <summary>Counts outcomes of all connections.</summary>
internal sealed class SendTally
{
    private readonly int[] _counts = new int[Enum.GetValues<OutcomeKind>().Length];
    private long _bytes;
    private int _putOffInARow;

    /// <summary>Bytes of what was delivered, in the form sent.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>How many were put off since the last one was delivered or refused.</summary>
    public int PutOffInARow => Volatile.Read(ref _putOffInARow);

    public int Done => _counts.Sum();

    public int this[OutcomeKind kind] => Volatile.Read(ref _counts[(int)kind]);

    public void Add(OutcomeKind kind, long bytes)
    {
        Interlocked.Increment(ref _counts[(int)kind]);
        if (kind == OutcomeKind.Delivered) Interlocked.Add(ref _bytes, bytes);
        if (kind == OutcomeKind.PutOff) Interlocked.Increment(ref _putOffInARow);
        else if (kind is OutcomeKind.Delivered or OutcomeKind.Refused) Volatile.Write(ref _putOffInARow, 0);
    }
}
