using System.Net;
using AMA.Adapters.Hosting;

namespace AMA.Gateway.Smtp;

/// <summary>Settings of the SMTP gateway: sections <c>AMA:Smtp</c> and <c>AMA:Spool</c>.</summary>
public sealed record SmtpGatewayOptions
{
    /// <summary><c>AMA:Smtp:Endpoint</c>, default 127.0.0.1:2525: STARTTLS. Port 0 takes a free one.</summary>
    public IPEndPoint Endpoint { get; init; } = new(IPAddress.Loopback, 2525);

    /// <summary>
    /// <c>AMA:Smtp:ImplicitTlsEndpoint</c>, default 127.0.0.1:2465: TLS from the first byte (RFC 8314).
    /// </summary>
    public IPEndPoint ImplicitTlsEndpoint { get; init; } = new(IPAddress.Loopback, 2465);

    /// <summary>
    /// <c>AMA:Smtp:Certificate</c>: PEM file with the chain and its key. Empty (default): a self-signed certificate
    /// is made in the data directory; senders that verify must then be given its fingerprint.
    /// </summary>
    public string CertificatePath { get; init; } = "";

    /// <summary>
    /// <c>AMA:Smtp:HostName</c>, default "localhost": how the gateway names itself in banner and EHLO.
    /// </summary>
    public string HostName { get; init; } = "localhost";

    /// <summary>
    /// <c>AMA:Smtp:MessageBytesMax</c>, default 157,286,400 (150 MB, the largest that Exchange Online journals);
    /// announced in SIZE. A larger message is refused for good (552), so lower it with care.
    /// </summary>
    public int MessageBytesMax { get; init; } = 150 << 20;

    /// <summary>
    /// <c>AMA:Smtp:RecipientsMax</c>, default 1,000 in one transaction; beyond it 452 and the client sends the rest
    /// in another. RFC 5321 asks for at least 100.
    /// </summary>
    public int RecipientsMax { get; init; } = 1_000;

    /// <summary>
    /// <c>AMA:Smtp:IdleSeconds</c>, default 300, the least that RFC 5321 §4.5.3.2.7 allows: a client that sends
    /// nothing for so long gets 421.
    /// </summary>
    public int IdleSeconds { get; init; } = 300;

    /// <summary>
    /// <c>AMA:Smtp:HandshakeSecondsMax</c>, default 30: a TLS handshake that takes longer is cut off. Short, because
    /// a stranger can begin one for nothing.
    /// </summary>
    public int HandshakeSecondsMax { get; init; } = 30;

    /// <summary>
    /// <c>AMA:Smtp:ConnectionsMax</c>, default 10,000: beyond it 421 at the door. Idle ones cost some KB.
    /// </summary>
    public int ConnectionsMax { get; init; } = 10_000;

    /// <summary>
    /// <c>AMA:Smtp:ErrorsMax</c>, default 20 refused commands in a session; the next one ends it (421).
    /// </summary>
    public int ErrorsMax { get; init; } = 20;

    /// <summary>
    /// <c>AMA:Smtp:HeldBytesMax</c>, default 268,435,456: message bytes kept in memory by all sessions together.
    /// Beyond it even small messages stream to the stores, each in a segment of its own: slower, but bounded.
    /// </summary>
    public int HeldBytesMax { get; init; } = 256 << 20;

    /// <summary>
    /// <c>AMA:Smtp:DirectoryAgeSecondsMax</c>, default 120: when the back end has not been heard for so long, an
    /// unknown recipient gets 450 instead of 550, because it may have been created meanwhile.
    /// </summary>
    public int DirectoryAgeSecondsMax { get; init; } = 120;

    /// <summary>
    /// <c>AMA:Smtp:StopSecondsMax</c>, default 20: how long running transactions may go on when the gateway stops.
    /// </summary>
    public int StopSecondsMax { get; init; } = 20;

    /// <summary>
    /// <c>AMA:Spool:CopiesRequired</c>, default 0 = all spool stores: copies that must be durable before a 250. One
    /// less than all keeps accepting while a store is away, on the remaining ones alone.
    /// </summary>
    public int CopiesRequired { get; init; }

    /// <summary>
    /// <c>AMA:Spool:StoreSecondsMax</c>, default 30: a store that has not answered by then counts as failed (451).
    /// Far below the ten minutes that a client waits for the answer to its message.
    /// </summary>
    public int StoreSecondsMax { get; init; } = 30;

    /// <summary>Reads all settings; what is wrong is noted in <see cref="SettingsReader.Problems"/>.</summary>
    public static SmtpGatewayOptions Read(SettingsReader settings)
    {
        var defaults = new SmtpGatewayOptions();
        return new SmtpGatewayOptions
        {
            Endpoint = settings.Endpoint("AMA:Smtp:Endpoint", defaults.Endpoint),
            ImplicitTlsEndpoint = settings.Endpoint("AMA:Smtp:ImplicitTlsEndpoint", defaults.ImplicitTlsEndpoint),
            CertificatePath = settings.Text("AMA:Smtp:Certificate", defaults.CertificatePath),
            HostName = ReadHostName(settings, defaults.HostName),
            MessageBytesMax = settings.Number("AMA:Smtp:MessageBytesMax", defaults.MessageBytesMax, 64 << 10, 1 << 30),
            RecipientsMax = settings.Number("AMA:Smtp:RecipientsMax", defaults.RecipientsMax, 100, 10_000),
            IdleSeconds = settings.Number("AMA:Smtp:IdleSeconds", defaults.IdleSeconds, 10, 3_600),
            HandshakeSecondsMax = settings.Number("AMA:Smtp:HandshakeSecondsMax", defaults.HandshakeSecondsMax, 1, 300),
            ConnectionsMax = settings.Number("AMA:Smtp:ConnectionsMax", defaults.ConnectionsMax, 1, 1_000_000),
            ErrorsMax = settings.Number("AMA:Smtp:ErrorsMax", defaults.ErrorsMax, 1, 1_000),
            HeldBytesMax = settings.Number("AMA:Smtp:HeldBytesMax", defaults.HeldBytesMax, 1 << 20, int.MaxValue),
            DirectoryAgeSecondsMax = settings.Number(
                "AMA:Smtp:DirectoryAgeSecondsMax", defaults.DirectoryAgeSecondsMax, 5, 86_400),
            StopSecondsMax = settings.Number("AMA:Smtp:StopSecondsMax", defaults.StopSecondsMax, 1, 600),
            CopiesRequired = settings.Number("AMA:Spool:CopiesRequired", defaults.CopiesRequired, 0, 16),
            StoreSecondsMax = settings.Number("AMA:Spool:StoreSecondsMax", defaults.StoreSecondsMax, 1, 300),
        };
    }

    /// <summary>The name goes into replies as it is: a line end in it would write replies of its own.</summary>
    private static string ReadHostName(SettingsReader settings, string fallback)
    {
        const string key = "AMA:Smtp:HostName";
        var name = settings.Text(key, fallback);
        if (name.Length <= 255 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-')) return name;
        settings.Wrong(key, "a host name is allowed, letters, digits, dots and hyphens");
        return fallback;
    }
}
