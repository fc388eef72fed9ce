namespace AMA.Adapters.Submission;

internal enum FileKind { Other, Message, Mbox, Tar, Gzip }

/// <param name="Named">The user or a Maildir says that it is mail: no look at the name or the beginning is
/// needed.</param>
internal sealed record Origin(string Name, bool Named)
{
    public Origin Unzipped() => this with
    {
        Name = Name.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? Name[..^3]
            : Name.EndsWith(".tgz", StringComparison.OrdinalIgnoreCase) ? Name[..^4] + ".tar"
            : Name,
    };
}

/// <summary>Tells mail files from others, by name first and by their first bytes where names say nothing.</summary>
internal static class MessageFiles
{
    private const int TarMagicAt = 257;

    public static FileKind KindOf(Origin origin, ReadOnlyMemory<byte> beginning)
    {
        var start = beginning.Span;
        if (start is [0x1f, 0x8b, ..]) return FileKind.Gzip;
        if (start.Length > TarMagicAt + 5 && start[TarMagicAt..].StartsWith("ustar"u8)) return FileKind.Tar;
        switch (Path.GetExtension(origin.Name).ToLowerInvariant())
        {
            case ".eml": return FileKind.Message; // some stores leave a "From " line on top of single messages
            case ".mbox" or ".mboxrd" or ".mbx": return FileKind.Mbox;
        }
        if (start.StartsWith("From "u8)) return FileKind.Mbox;
        return origin.Named || BeginsLikeHeader(start) ? FileKind.Message : FileKind.Other;
    }

    /// <summary>Files below a folder in ordinal order, without hidden ones and a Maildir's unfinished tmp.</summary>
    public static IEnumerable<string> Under(string folder)
    {
        var isMaildir = Directory.Exists(Path.Combine(folder, "cur"));
        var entries = Directory.GetFileSystemEntries(folder);
        Array.Sort(entries, StringComparer.Ordinal);
        foreach (var entry in entries)
        {
            var name = Path.GetFileName(entry);
            if (Directory.Exists(entry))
            {
                if (isMaildir && name == "tmp") continue;
                foreach (var file in Under(entry)) yield return file;
            }
            else if (!name.StartsWith('.') && !(isMaildir && IsMaildirState(name)))
            {
                yield return entry;
            }
        }
    }

    /// <summary>True for ".../cur/x" and ".../new/x".</summary>
    public static bool InMaildir(string path)
    {
        var folder = Path.GetFileName(Path.GetDirectoryName(path));
        return folder is "cur" or "new";
    }

    private static bool IsMaildirState(string name) => name.StartsWith("dovecot", StringComparison.Ordinal);

    /// <summary>An RFC 5322 field name and a colon.</summary>
    private static bool BeginsLikeHeader(ReadOnlySpan<byte> start)
    {
        var colon = start.IndexOf((byte)':');
        return colon is > 0 and < 80 && !start[..colon].ContainsAnyExceptInRange((byte)'!', (byte)'~');
    }
}
