namespace AMA.Grains.Control.Audit;

/// <summary>
/// How many refusals a minute get an entry of their own: strangers cause them, and must not fill the disk. The others
/// are counted, by act, and the count is one entry. Thread-safe.
/// </summary>
public sealed class RefusalBudget(TimeProvider time)
{
    /// <summary>
    /// Entries a minute for one act from one address; those whose address nobody knows are one. Each act has its own:
    /// who tries one thing in vain keeps nothing else out of the log.
    /// </summary>
    public const int AddressMax = 20;

    /// <summary>Entries a minute for one act from all addresses together: some 170 MB a day, and the keys remembered.</summary>
    public const int TotalMax = 120;

    public static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly Lock _turn = new();
    private readonly Dictionary<(AuditAct Act, string From), int> _taken = [];
    private readonly Dictionary<AuditAct, int> _takenOf = [];
    private readonly SortedDictionary<AuditAct, long> _beyond = [];
    private long _since = time.GetTimestamp();

    /// <summary>Whether this one gets an entry of its own; if not, it is counted.</summary>
    public bool TryTake(AuditAct act, string from)
    {
        lock (_turn)
        {
            if (time.GetElapsedTime(_since) >= Window) Begin();
            var (taken, ofAct) = (_taken.GetValueOrDefault((act, from)), _takenOf.GetValueOrDefault(act));
            if (taken >= AddressMax || ofAct >= TotalMax)
            {
                _beyond[act] = _beyond.GetValueOrDefault(act) + 1;
                return false;
            }
            (_taken[(act, from)], _takenOf[act]) = (taken + 1, ofAct + 1);
            return true;
        }
    }

    /// <summary>What was only counted, by act, since this was asked last; it is forgotten here.</summary>
    public (AuditAct Act, long Count)[] TakeCounts()
    {
        lock (_turn)
        {
            (AuditAct, long)[] counts = [.. _beyond.Select(one => (one.Key, one.Value))];
            _beyond.Clear();
            return counts;
        }
    }

    /// <summary>Counts that could not be written stand again.</summary>
    public void PutBack(IEnumerable<(AuditAct Act, long Count)> counts)
    {
        lock (_turn)
        {
            foreach (var (act, count) in counts) _beyond[act] = _beyond.GetValueOrDefault(act) + count;
        }
    }

    private void Begin()
    {
        _taken.Clear();
        _takenOf.Clear();
        _since = time.GetTimestamp();
    }
}
