using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;

namespace AMA.Tests.Cluster.Control;

/// <summary>An operator at the admin socket, with the token.</summary>
internal sealed class AdminClient : IDisposable
{
    private readonly HttpClient _client;

    private AdminClient(HttpClient client) => _client = client;

    public static AdminClient Open(ControlWorld world) => Open(world.Options.AdminSocket, world.OperatorToken);

    public static AdminClient Open(string path, string operatorToken)
    {
        var file = new FileInfo(path);
        var socket = new UnixDomainSocketEndPoint(file.LinkTarget ?? file.FullName);
        var client = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancel) =>
            {
                var connection = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await connection.ConnectAsync(socket, cancel);
                return new NetworkStream(connection, ownsSocket: true);
            },
        }) { BaseAddress = new("http://control") };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", operatorToken);
        return new(client);
    }

    /// <summary>All lines of the answer.</summary>
    public async Task<string> PostAsync(string path, object body)
    {
        using var answer = await _client.PostAsJsonAsync(path, body);
        return await answer.Content.ReadAsStringAsync();
    }

    public void Dispose() => _client.Dispose();
}
