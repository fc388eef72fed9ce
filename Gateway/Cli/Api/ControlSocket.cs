using System.Net.Sockets;
using System.Text;

namespace AMA.Gateway.Cli.Api;

/// <summary>HTTP to Control's admin socket, a Unix socket that only Control's own user can open.</summary>
internal static class ControlSocket
{
    /// <summary>sockaddr_un of Linux holds 108 with the zero at the end.</summary>
    private const int PathBytesMax = 107;

    /// <summary>Long operations answer line by line; only silence ends them.</summary>
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Stands in requests' Host header, and nowhere else.</summary>
    private static readonly Uri Base = new("http://control");

    public static ArchiveApi Open(string path, string? token)
    {
        var full = Path.GetFullPath(path);
        var place = new ApiPlace(Base, $"Control's admin socket {full}",
            "Run this on Control's machine, as the user Control runs as; name the socket with --socket.");
        return new(place, token, new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            ConnectTimeout = ConnectTimeout,
            ConnectCallback = (_, cancel) => ConnectAsync(full, cancel),
        });
    }

    private static async ValueTask<Stream> ConnectAsync(string path, CancellationToken cancel)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(Shorten(path)), cancel);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Where the path is too long for a socket, Control has put a link to a shorter one.</summary>
    private static string Shorten(string path)
    {
        var target = new FileInfo(path).LinkTarget ?? path;
        if (Encoding.UTF8.GetByteCount(target) <= PathBytesMax) return target;
        throw new CliException(ExitCode.Usage, $"{path} is too long for the path of a socket.",
            "Name it by a shorter path, such as one relative to its directory.");
    }
}
