using System.Globalization;

namespace AMA.Gateway.Cli.Reconciling;

/// <summary>Reads the two time stamps that log lines begin with.</summary>
/// <param name="now">Syslog's names no year: it is the last one in which that day is not to come.</param>
/// <param name="zone">Of the machine that wrote the log, for stamps that name none.</param>
internal sealed class LogTimes(DateTimeOffset now, TimeZoneInfo zone)
{
    private const int SyslogChars = 15;

    /// <summary>A clock a little ahead of ours must not send a line of today back by a year.</summary>
    private static readonly TimeSpan AheadMax = TimeSpan.FromDays(1);

    /// <summary>"Nov 24 03:04:05 " or an RFC 3339 stamp and a blank; null: neither. What follows is the rest.</summary>
    public DateTimeOffset? Read(ReadOnlySpan<char> line, out ReadOnlySpan<char> rest)
    {
        rest = default;
        if (line.Length > SyslogChars && line[SyslogChars] == ' ' && ReadSyslog(line[..SyslogChars]) is { } old)
        {
            rest = line[(SyslogChars + 1)..];
            return old;
        }
        var blank = line.IndexOf(' ');
        if (blank < 0 || !char.IsAsciiDigit(line[0])
            || !DateTimeOffset.TryParse(
                line[..blank], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)) return null;
        rest = line[(blank + 1)..];
        return time.ToUniversalTime();
    }

    private DateTimeOffset? ReadSyslog(ReadOnlySpan<char> text)
    {
        Span<char> withYear = stackalloc char[SyslogChars + 5];
        for (var year = now.Year + 1; year >= now.Year - 4; year--)
        {
            year.TryFormat(withYear, out _, provider: CultureInfo.InvariantCulture);
            withYear[4] = ' ';
            text.CopyTo(withYear[5..]);
            if (withYear[9] == ' ') withYear[9] = '0'; // "Nov  4"
            if (!DateTime.TryParseExact(
                withYear, "yyyy MMM dd HH:mm:ss", CultureInfo.InvariantCulture, DateTimeStyles.None, out var local))
                continue;
            var time = new DateTimeOffset(local, zone.GetUtcOffset(local)).ToUniversalTime();
            if (time <= now + AheadMax) return time;
        }
        return null;
    }
}
