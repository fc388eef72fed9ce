namespace AMA.Adapters.Submission;

/// <summary>
/// The form in which SMTP's DATA can carry a stored message, and so the form in which the archive gives it back:
/// every LF that has no CR before it becomes CRLF, everything else stays (CRLF as it is, a bare CR is content), and
/// a message that doesn't end in CRLF gets one. Nothing is added to an empty message.
/// </summary>
public static class CrlfForm
{
    /// <summary>The form of <paramref name="source"/>: the same memory when nothing has to change.</summary>
    public static ReadOnlyMemory<byte> Of(ReadOnlyMemory<byte> source)
    {
        var bytes = source.Span;
        var lone = CountLoneLf(bytes);
        var endMissing = !bytes.IsEmpty && bytes[^1] != '\n';
        if (lone == 0 && !endMissing) return source;
        var form = new byte[source.Length + lone + (endMissing ? 2 : 0)];
        var written = Convert(bytes, form);
        if (endMissing) "\r\n"u8.CopyTo(form.AsSpan(written));
        return form;
    }

    public static bool IsIn(ReadOnlySpan<byte> bytes) =>
        CountLoneLf(bytes) == 0 && (bytes.IsEmpty || bytes[^1] == '\n');

    private static int CountLoneLf(ReadOnlySpan<byte> bytes)
    {
        var count = 0;
        for (int lf; (lf = bytes.IndexOf((byte)'\n')) >= 0; bytes = bytes[(lf + 1)..])
            if (IsLone(bytes, lf)) count++;
        return count;
    }

    private static int Convert(ReadOnlySpan<byte> bytes, Span<byte> form)
    {
        var written = 0;
        for (int lf; (lf = bytes.IndexOf((byte)'\n')) >= 0; bytes = bytes[(lf + 1)..])
        {
            bytes[..lf].CopyTo(form[written..]);
            written += lf;
            if (IsLone(bytes, lf)) form[written++] = (byte)'\r';
            form[written++] = (byte)'\n';
        }
        bytes.CopyTo(form[written..]);
        return written + bytes.Length;
    }

    /// <summary><paramref name="rest"/> begins at the source's start or just after an LF.</summary>
    private static bool IsLone(ReadOnlySpan<byte> rest, int lf) => lf == 0 || rest[lf - 1] != '\r';
}
