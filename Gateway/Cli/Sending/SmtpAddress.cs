using System.Globalization;
using System.Net;

namespace AMA.Gateway.Cli.Sending;

/// <summary>HOST:PORT of an SMTP server; "[::1]:2525" for IPv6.</summary>
internal sealed record SmtpAddress(string Host, int Port)
{
    public const int StartTlsPort = 2525;
    public const int ImplicitTlsPort = 2465;

    public bool IsThisMachine =>
        Host == "localhost" || (IPAddress.TryParse(Host, out var ip) && IPAddress.IsLoopback(ip));

    /// <summary>Throws <see cref="ExitCode.Usage"/> for anything else.</summary>
    public static SmtpAddress Parse(string text)
    {
        var colon = text.LastIndexOf(':');
        var host = colon < 0 ? text : text[..colon];
        var isBracketed = host is ['[', .., ']'];
        if (isBracketed) host = host[1..^1];
        if (colon < 0 || host.Length == 0 || host.Contains(':') != isBracketed || host.Any(char.IsWhiteSpace)
            || !int.TryParse(text[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            || port is < 1 or > 65535)
            throw new CliException(ExitCode.Usage, $"'{text}' is not HOST:PORT.",
                $"It looks like 127.0.0.1:{StartTlsPort} or [::1]:{StartTlsPort}.");
        return new(host, port);
    }

    public override string ToString() => Host.Contains(':') ? $"[{Host}]:{Port}" : $"{Host}:{Port}";
}
