using System.Net;
using AMA.Adapters.Hosting;
using AMA.Archive.Access;

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
    /// <c>AMA:Smtp:Certificates</c>: more such files, a list; each serves the clients that ask for a name in it (SNI),
    /// all others get the first one. Files that change are taken up within a minute, without a restart.
    /// </summary>
    public IReadOnlyList<string> Certificates { get; init; } = [];

    /// <summary>
    /// <c>AMA:Smtp:ClientCertificates</c>, default true: clients are asked for a certificate, any or none will do, and
    /// its fingerprint is kept with the message. Turn it off for a client that can't cope with being asked.
    /// </summary>
    public bool ClientCertificates { get; init; } = true;

    /// <summary>
    /// <c>AMA:Smtp:ProxyFrom</c>: networks ("192.0.2.0/28") of load balancers that put a PROXY protocol version 2 head
    /// in front of each connection; a list, default none. Whoever is in one can claim any client address.
    /// </summary>
    public IReadOnlyList<IPNetwork> ProxyFrom { get; init; } = [];

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
    /// <c>AMA:Smtp:ConnectionsPerAddressMax</c>, default 1,000: beyond it 421 at the door, so that one client can't
    /// have all of <see cref="ConnectionsMax"/>. A /64 of IPv6 is one address. High, because a customer's whole mail
    /// may come through one gateway of theirs.
    /// </summary>
    public int ConnectionsPerAddressMax { get; init; } = 1_000;

    /// <summary>
    /// <c>AMA:Smtp:SessionSeconds</c>, default 7,200: an older session ends with 421 when no transaction is open, and at
    /// twice that age in any case. Balances load, and bounds what any trickle can hold.
    /// </summary>
    public int SessionSeconds { get; init; } = 7_200;

    /// <summary>
    /// <c>AMA:Smtp:MinimumBytesPerSecond</c>, default 1,000, on average over a message from its second minute on, our
    /// own waits not counted; a slower one ends with 421. The largest message still gets through in a session's time on
    /// a line of 20 kB/s.
    /// </summary>
    public int MinimumBytesPerSecond { get; init; } = 1_000;

    /// <summary>
    /// <c>AMA:Smtp:CommandsMax</c>, default 5,000 commands between two messages, several times what the most recipients
    /// need; the next one ends the session (421).
    /// </summary>
    public int CommandsMax { get; init; } = 5_000;

    /// <summary>
    /// <c>AMA:Smtp:TarpitSecondsMax</c>, default 8: from a session's fourth refused command on, refusals come 1, 2, 4, …
    /// seconds late, at most so many. Guessing gets slow, and a pause costs us a timer. 0: never.
    /// </summary>
    public int TarpitSecondsMax { get; init; } = 8;

    /// <summary>
    /// <c>AMA:Smtp:BannerDelayMilliseconds</c>, default 0: how long we wait before the banner for a client that talks
    /// too soon (554), as only machines that don't listen do. What is there at once is seen in any case.
    /// </summary>
    public int BannerDelayMilliseconds { get; init; }

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
    /// <c>AMA:Smtp:OtherRegionDomains</c>: journal domains that another region of yours takes mail for, a list, default
    /// none. Mail for them is refused with words that say so (551), since no mail crosses regions.
    /// </summary>
    public IReadOnlyList<string> OtherRegionDomains { get; init; } = [];

    /// <summary>
    /// <c>AMA:Smtp:StopSecondsMax</c>, default 20: how long running transactions may go on when the gateway stops; what is
    /// then unfinished hears 421. A manager of services has to wait longer than that before it kills.
    /// </summary>
    public int StopSecondsMax { get; init; } = 20;

    /// <summary>After that nobody is listened to any more: the seconds on top are for last words.</summary>
    public TimeSpan StopTimeMax => TimeSpan.FromSeconds(StopSecondsMax) + LastWords;

    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(5);

    /// <summary>
    /// <c>AMA:Spool:CopiesRequired</c>, default 0 = all spool stores: copies that must be durable before a 250. One
    /// less than all keeps accepting while a store is away, on the remaining ones alone.
    /// </summary>
    public int CopiesRequired { get; init; }

    /// <summary>
    /// <c>AMA:Spool:FreePercentMin</c>, default 5: a spool store with less of its space or inodes left takes no new mail
    /// (452). What is left lets the archive finish and delete what is there, and keeps neighbours on the same disk alive;
    /// a file system that is really full also gets slow. 0: until nothing is left.
    /// </summary>
    public int FreePercentMin { get; init; } = 5;

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
            Certificates = settings.List("AMA:Smtp:Certificates", defaults.Certificates),
            ClientCertificates = settings.Flag("AMA:Smtp:ClientCertificates", defaults.ClientCertificates),
            ProxyFrom = ReadNetworks(settings, defaults.ProxyFrom),
            HostName = ReadHostName(settings, defaults.HostName),
            MessageBytesMax = settings.Number("AMA:Smtp:MessageBytesMax", defaults.MessageBytesMax, 64 << 10, 1 << 30),
            RecipientsMax = settings.Number("AMA:Smtp:RecipientsMax", defaults.RecipientsMax, 100, 10_000),
            IdleSeconds = settings.Number("AMA:Smtp:IdleSeconds", defaults.IdleSeconds, 10, 3_600),
            HandshakeSecondsMax = settings.Number("AMA:Smtp:HandshakeSecondsMax", defaults.HandshakeSecondsMax, 1, 300),
            ConnectionsMax = settings.Number("AMA:Smtp:ConnectionsMax", defaults.ConnectionsMax, 1, 1_000_000),
            ConnectionsPerAddressMax = settings.Number(
                "AMA:Smtp:ConnectionsPerAddressMax", defaults.ConnectionsPerAddressMax, 1, 1_000_000),
            SessionSeconds = settings.Number("AMA:Smtp:SessionSeconds", defaults.SessionSeconds, 60, 86_400),
            MinimumBytesPerSecond = settings.Number(
                "AMA:Smtp:MinimumBytesPerSecond", defaults.MinimumBytesPerSecond, 0, 1 << 20),
            CommandsMax = settings.Number("AMA:Smtp:CommandsMax", defaults.CommandsMax, 100, 1_000_000),
            TarpitSecondsMax = settings.Number("AMA:Smtp:TarpitSecondsMax", defaults.TarpitSecondsMax, 0, 120),
            BannerDelayMilliseconds = settings.Number(
                "AMA:Smtp:BannerDelayMilliseconds", defaults.BannerDelayMilliseconds, 0, 30_000),
            ErrorsMax = settings.Number("AMA:Smtp:ErrorsMax", defaults.ErrorsMax, 1, 1_000),
            HeldBytesMax = settings.Number("AMA:Smtp:HeldBytesMax", defaults.HeldBytesMax, 1 << 20, int.MaxValue),
            DirectoryAgeSecondsMax = settings.Number(
                "AMA:Smtp:DirectoryAgeSecondsMax", defaults.DirectoryAgeSecondsMax, 5, 86_400),
            OtherRegionDomains = ReadDomains(settings, defaults.OtherRegionDomains),
            StopSecondsMax = settings.Number("AMA:Smtp:StopSecondsMax", defaults.StopSecondsMax, 1, 600),
            CopiesRequired = settings.Number("AMA:Spool:CopiesRequired", defaults.CopiesRequired, 0, 16),
            FreePercentMin = settings.Number("AMA:Spool:FreePercentMin", defaults.FreePercentMin, 0, 50),
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

    private static IReadOnlyList<string> ReadDomains(SettingsReader settings, IReadOnlyList<string> fallback)
    {
        const string key = "AMA:Smtp:OtherRegionDomains";
        var texts = settings.List(key, []);
        if (texts.Count == 0) return fallback;
        var domains = new List<string>();
        foreach (var text in texts)
        {
            if (SourceRules.TryDomain(text, out var domain)) domains.Add(domain);
            else settings.Wrong(key, "domains are allowed, such as journal-us.example");
        }
        return domains;
    }

    private static IReadOnlyList<IPNetwork> ReadNetworks(SettingsReader settings, IReadOnlyList<IPNetwork> fallback)
    {
        const string key = "AMA:Smtp:ProxyFrom";
        var texts = settings.List(key, []);
        if (texts.Count == 0) return fallback;
        var networks = new List<IPNetwork>();
        foreach (var text in texts)
            if (IPNetwork.TryParse(text, out var network)) networks.Add(network);
        if (networks.Count == texts.Count) return networks;
        settings.Wrong(key, "networks are allowed, such as 192.0.2.0/28,2001:db8::/64");
        return fallback;
    }
}
