namespace AMA.Mail;

/// <summary>Oddities of the bytes themselves.</summary>
internal static class RawFlags
{
    public static MailFlags Of(ReadOnlySpan<byte> raw)
    {
        var flags = HasBareLineEnd(raw) ? MailFlags.BareLineEnds : MailFlags.None;
        return raw.Contains((byte)0) ? flags | MailFlags.NulBytes : flags;
    }

    private static bool HasBareLineEnd(ReadOnlySpan<byte> raw)
    {
        while (raw.IndexOfAny((byte)'\r', (byte)'\n') is var at and >= 0)
        {
            if (raw[at] == '\n' || at + 1 == raw.Length || raw[at + 1] != '\n') return true;
            raw = raw[(at + 2)..];
        }
        return false;
    }

    /// <summary>
    /// Old Macintosh mail: the first line ends in a CR alone. Only then is a bare CR read as a line's end.
    /// </summary>
    public static bool EndsLinesWithReturns(ReadOnlySpan<byte> raw)
    {
        var at = raw.IndexOfAny((byte)'\r', (byte)'\n');
        return at >= 0 && raw[at] == '\r' && at + 1 < raw.Length && raw[at + 1] != '\n' && raw[at + 1] != '\r';
    }

    public static byte[] WithLineFeeds(ReadOnlySpan<byte> raw)
    {
        var bytes = raw.ToArray();
        for (var i = 0; i < bytes.Length; i++)
            if (bytes[i] == '\r' && (i + 1 == bytes.Length || bytes[i + 1] != '\n')) bytes[i] = (byte)'\n';
        return bytes;
    }
}
