namespace AMA.Tests.Bench.EndToEnd;

/// <summary>What lies in the data directory after a run, by what it is; bytes of content.</summary>
public sealed record StoredBytes(IReadOnlyList<(string What, long Bytes, int Files)> Rows)
{
    private static readonly (string What, string Folder)[] Kinds =
    [
        ("packs (primary)", "primary/packs"),
        ("log (primary)", "primary/log"),
        ("packs and log (backup)", "backup"),
        ("index (local)", "local"),
        ("spool, both stores", "spool"),
        ("Control, both stores", "control"),
    ];

    public static StoredBytes In(string data)
    {
        var rows = Kinds.Select(kind => Sum(kind.What, Path.Combine(data, kind.Folder))).ToList();
        var all = Sum("all", data);
        var rest = (all.Bytes - rows.Sum(r => r.Bytes), all.Files - rows.Sum(r => r.Files));
        return new([.. rows, ("everything else", rest.Item1, rest.Item2), all]);
    }

    private static (string What, long Bytes, int Files) Sum(string what, string folder)
    {
        if (!Directory.Exists(folder)) return (what, 0, 0);
        FileInfo[] files = new DirectoryInfo(folder).GetFiles("*", SearchOption.AllDirectories);
        return (what, files.Sum(f => f.Length), files.Length);
    }
}
