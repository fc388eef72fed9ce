using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.RegularExpressions;
using AMA.Adapters.Hosting;
using AMA.Adapters.Local;
using AMA.Archive.Ids;

namespace AMA.Tests.Bench.Accept;

/// <summary>
/// An SMTP gateway as a process of its own, with a tenant whose mail server signs in. Once that is known to it, all
/// else is halted (SIGSTOP): what is left is acceptance, as with a mail server that keeps its mail on hold.
/// </summary>
internal sealed partial class ParkedArchive : IAsyncDisposable
{
    public const string Journal = "journal@bench.example";

    private static readonly TimeSpan StartTimeMax = TimeSpan.FromMinutes(2);

    private readonly string _folder;
    private readonly List<Process> _running = [];
    private readonly string[] _control = Ports("Control");
    private readonly string[] _production = Ports("Production");
    private readonly string _enrolment = $"127.0.0.1:{ClusterPorts.PickFree()}";

    private ParkedArchive(string folder) => _folder = folder;

    public int Port { get; private set; }

    /// <summary>Where TLS comes first.</summary>
    public int TlsPort { get; private set; }

    /// <summary>"USER:PASSWORD" of the tenant's source.</summary>
    public string SignIn { get; private set; } = "";

    public int GatewayId { get; private set; }

    /// <summary>Throws <see cref="InvalidOperationException"/> with what a program said before it ended.</summary>
    public static async Task<ParkedArchive> StartAsync(string parent, params string[] gatewaySettings)
    {
        var folder = Path.Combine(parent, $"ama-{SystemRandom.Instance.NextId():N}");
        var archive = new ParkedArchive(Directory.CreateDirectory(folder).FullName);
        try
        {
            await archive.StartAsync(gatewaySettings);
            return archive;
        }
        catch
        {
            await archive.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _running)
        {
            if (!process.HasExited) process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
        }
        Directory.Delete(_folder, recursive: true);
    }

    private async Task StartAsync(string[] gatewaySettings)
    {
        string[] common = [$"--AMA:DataDirectory={_folder}/machine", $"--AMA:Identity:EnrolmentEndpoint={_enrolment}"];
        await LaunchAsync("AMA.Silo.Control", "Control is ready", null,
        [
            $"--AMA:DataDirectory={_folder}/control-machine", $"--AMA:Control:EnrolmentEndpoint={_enrolment}",
            "--AMA:Control:SecondFactorMayBeOff=true", .. _control,
        ]);
        await LaunchAsync(
            "AMA.Silo.Archive", "Archive silo is ready", "backend", [.. common, .. _control, .. _production]);
        var web = await LaunchAsync("AMA.Gateway.Web", "Web gateway is ready", "web",
            [.. common, .. _control, .. _production, "--AMA:Web:Endpoint=http://127.0.0.1:0"]);
        SignIn = await MakeTenantAsync(WebLine().Match(web).Groups[1].Value);
        var smtp = await LaunchAsync("AMA.Gateway.Smtp", "SMTP gateway is ready", "gateway",
        [
            .. common, .. _production, "--AMA:Smtp:Endpoint=127.0.0.1:0", "--AMA:Smtp:ImplicitTlsEndpoint=127.0.0.1:0",
            .. gatewaySettings,
        ]);
        var ports = SmtpLine().Match(smtp).Groups;
        (Port, TlsPort) = (int.Parse(ports[1].Value), int.Parse(ports[2].Value));
        GatewayId = _running[^1].Id;
        foreach (var process in _running.SkipLast(1))
        {
            using var halt = Process.Start("kill", ["-STOP", $"{process.Id}"]);
            await halt.WaitForExitAsync();
        }
    }

    /// <summary>Returns what it said until it was ready.</summary>
    private async Task<string> LaunchAsync(string program, string ready, string? role, string[] settings)
    {
        var path = Path.Combine(AppContext.BaseDirectory, $"{program}.dll");
        var start = new ProcessStartInfo("dotnet", [path, .. settings])
        {
            WorkingDirectory = _folder, RedirectStandardOutput = true,
        };
        if (role is not null) start.Environment["AMA__Identity__EnrolmentToken"] = await TokenAsync(role);
        var process = Process.Start(start)!;
        _running.Add(process);
        using var limit = new CancellationTokenSource(StartTimeMax);
        var said = "";
        while (!said.Contains(ready, StringComparison.Ordinal))
        {
            var line = await process.StandardOutput.ReadLineAsync(limit.Token)
                ?? throw new InvalidOperationException($"{program} did not start:\n{said}");
            said += $"{line}\n";
        }
        // A full pipe would stop it.
        _ = process.StandardOutput.BaseStream.CopyToAsync(Stream.Null, CancellationToken.None);
        return said;
    }

    private string OperatorToken => File.ReadAllText($"{_folder}/control-machine/control/operator.token").Trim();

    private async Task<string> TokenAsync(string role)
    {
        using var http = Operator(new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancel) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                var place = new UnixDomainSocketEndPoint($"{_folder}/control-machine/control/admin.sock");
                await socket.ConnectAsync(place, cancel);
                return new NetworkStream(socket, ownsSocket: true);
            },
        });
        var answer = await PostAsync(
            http, "http://admin/v1/peers/enrolment", new { role, name = $"{role}-1", minutes = 10 });
        return answer.GetProperty("token").GetString()!;
    }

    private async Task<string> MakeTenantAsync(string web)
    {
        using var http = Operator(new SocketsHttpHandler());
        var tenant = await PostAsync(http, $"{web}/v1/tenants",
            new { name = "bench", journalAddresses = new[] { Journal }, secondFactor = "off" });
        var source = tenant.GetProperty("sources")[0];
        return $"{source.GetProperty("user").GetString()}:{source.GetProperty("password").GetString()}";
    }

    private HttpClient Operator(HttpMessageHandler handler) => new(handler)
    {
        DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", OperatorToken) },
    };

    /// <summary>The web gateway may be ready before it has met Control: it says 503 then.</summary>
    private static async Task<JsonElement> PostAsync(HttpClient http, string path, object body)
    {
        using var limit = new CancellationTokenSource(StartTimeMax);
        while (true)
        {
            using var answer = await http.PostAsJsonAsync(path, body, limit.Token);
            if (answer.StatusCode == System.Net.HttpStatusCode.ServiceUnavailable) continue;
            if (answer.IsSuccessStatusCode) return await answer.Content.ReadFromJsonAsync<JsonElement>(limit.Token);
            throw new InvalidOperationException($"{path}: {await answer.Content.ReadAsStringAsync(limit.Token)}");
        }
    }

    private static string[] Ports(string cluster) =>
    [
        $"--AMA:Cluster:{cluster}:Silo=127.0.0.1:{ClusterPorts.PickFree()}",
        $"--AMA:Cluster:{cluster}:Gateway=127.0.0.1:{ClusterPorts.PickFree()}",
    ];

    [GeneratedRegex(@"STARTTLS (\d+), TLS (\d+)")] private static partial Regex SmtpLine();

    [GeneratedRegex(@"ready: (http://127\.0\.0\.1:\d+)")] private static partial Regex WebLine();
}
