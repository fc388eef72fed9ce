using System.Net;

namespace AMA.Gateway.Cli.Api;

/// <summary>Where the REST gateway is.</summary>
internal static class ServerAddress
{
    /// <summary>Throws <see cref="ExitCode.Usage"/> for anything but https, or http to this machine.</summary>
    public static Uri Parse(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https")
            || address.UserInfo.Length > 0 || address.PathAndQuery != "/")
            throw new CliException(ExitCode.Usage, $"'{text}' is not the address of a server.",
                "It looks like https://archive.example.com or http://127.0.0.1:8080.");
        if (address.Scheme == "http" && !IsThisMachine(address))
            throw new CliException(ExitCode.Usage,
                $"{address} is plain HTTP: passwords and mail would cross the network in the clear.",
                "Use https, or an ssh tunnel to the server's loopback address.");
        return address;
    }

    private static bool IsThisMachine(Uri address) =>
        address.Host == "localhost" || (IPAddress.TryParse(address.Host, out var ip) && IPAddress.IsLoopback(ip));
}
