using System.Text.Json;
using System.Text.RegularExpressions;
using AMA.Adapters.Hosting;
using AMA.Archive.Ids;
using AMA.Silo.Control;
using AMA.Tests.Cluster.Control;
using AMA.Tests.Cluster.EndToEnd.World;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Xunit;

namespace AMA.Tests.Cluster.Identity;

/// <summary>
/// Control, archive silo, SMTP gateway and web gateway as four processes, joined over mutual TLS with tokens from the
/// admin socket. Each may be killed and started again on what it left behind.
/// </summary>
public sealed partial class SeparateArchive : RunningArchive, IAsyncDisposable
{
    public const int TtlSeconds = 10;

    public static readonly string[] Programs =
        ["AMA.Silo.Control", "AMA.Silo.Archive", "AMA.Gateway.Smtp", "AMA.Gateway.Web"];

    private readonly TempFolder _folder = new("separate");
    private readonly string[] _control;
    private readonly string[] _production;
    private readonly string _enrolment = $"127.0.0.1:{ClusterPorts.PickFree()}";
    private readonly Dictionary<string, ChildProgram> _running = [];
    private IHost? _ownControl;

    public SeparateArchive()
    {
        _control = Ports("Control");
        _production = Ports("Production");
    }

    public static async Task<SeparateArchive> StartNewAsync()
    {
        var archive = new SeparateArchive();
        await archive.StartControlAsync();
        await Task.WhenAll(archive.StartSiloAsync(), archive.StartSmtpAsync(), archive.StartWebAsync());
        return archive;
    }

    /// <summary>With Control in this process, which so knows every key that it makes.</summary>
    public static async Task<SeparateArchive> StartNewAsync(IRandom random)
    {
        var archive = new SeparateArchive();
        await archive.StartOwnControlAsync(random);
        await Task.WhenAll(archive.StartSiloAsync(), archive.StartSmtpAsync(), archive.StartWebAsync());
        return archive;
    }

    public async Task StopOwnControlAsync()
    {
        await _ownControl!.StopAsync();
        _ownControl.Dispose();
        _ownControl = null;
    }

    public int IdOf(string assembly) => _running[assembly].Id;

    private async Task StartOwnControlAsync(IRandom random)
    {
        var settings = new SettingsReader(new ConfigurationBuilder().AddCommandLine(ControlSettings).Build());
        var options = ControlProgramOptions.Read(settings);
        Assert.Empty(settings.Problems);
        var parts = ControlSiloParts.Local(options.Ports) with { Name = options.Name, Random = random };
        _ownControl = ControlSilo.Build(options.Silo, parts);
        await _ownControl.StartAsync();
    }

    public async Task StartControlAsync() =>
        await StartAsync("AMA.Silo.Control", "Control is ready", null, ControlSettings);

    private string[] ControlSettings =>
    [
        $"--AMA:DataDirectory={_folder.At("control-machine")}", $"--AMA:Control:EnrolmentEndpoint={_enrolment}",
        $"--AMA:Lease:TtlSeconds={TtlSeconds}", "--AMA:Control:SecondFactorMayBeOff=true", .. _control,
    ];

    public async Task StartSiloAsync() => await StartAsync(
        "AMA.Silo.Archive", "Archive silo is ready", "backend", [.. Common, .. _control, .. _production]);

    public async Task StartSmtpAsync()
    {
        await StartAsync("AMA.Gateway.Smtp", "SMTP gateway is ready", "gateway", Smtp);
        await MeetAsync();
    }

    /// <summary>A second gateway on the same spool stores; the port where it takes STARTTLS.</summary>
    public async Task<int> StartSecondSmtpAsync()
    {
        string[] settings =
        [
            .. Smtp, "--AMA:Identity:Name=gateway-2",
            $"--AMA:Identity:Directory={_folder.At("production-machine", "identity", "gateway-2")}",
        ];
        await StartAsync("AMA.Gateway.Smtp", "SMTP gateway is ready", "gateway", settings, number: 2);
        return int.Parse(SmtpLine().Match(_running[SecondSmtp].Output).Groups[1].Value);
    }

    private string[] Smtp =>
    [
        .. Common, .. _production, "--AMA:Smtp:Endpoint=127.0.0.1:0", "--AMA:Smtp:ImplicitTlsEndpoint=127.0.0.1:0",
    ];

    public const string SecondSmtp = "AMA.Gateway.Smtp 2";

    /// <summary>The directory of a spool store.</summary>
    public string Spool(string store) => _folder.At("production-machine", "spool", store);

    public async Task StartWebAsync()
    {
        await StartAsync("AMA.Gateway.Web", "Web gateway is ready", "web",
            [.. Common, .. _control, .. _production, "--AMA:Web:Endpoint=http://127.0.0.1:0"]);
        await MeetAsync();
    }

    /// <summary>What lies on the archive silo's own disk; its identity lies elsewhere.</summary>
    public string[] LocalFiles() => _folder.Files("production-machine", "local");

    /// <summary>As the store's names have them: those are no secret there.</summary>
    public string[] TenantIds() =>
    [
        .. _folder.Files("production-machine", "primary", "log")
            .SelectMany(file => file.Split('/')).Where(name => Guid.TryParseExact(name, "N", out _)).Distinct(),
    ];

    public async Task KillAsync(string assembly) => await _running[assembly].KillAsync();

    /// <summary>SIGTERM: stop in order. Returns at once.</summary>
    public Task TerminateAsync(string assembly) => _running[assembly].TerminateAsync();

    public Task<int> ExitCodeAsync(string assembly) => _running[assembly].ExitCodeAsync();

    public async ValueTask DisposeAsync()
    {
        foreach (var program in _running.Values) await program.DisposeAsync();
        if (_ownControl is not null) await StopOwnControlAsync();
        _folder.Dispose();
    }

    private string[] Common =>
    [
        $"--AMA:DataDirectory={_folder.At("production-machine")}", $"--AMA:Identity:EnrolmentEndpoint={_enrolment}",
    ];

    private static string[] Ports(string cluster) =>
    [
        $"--AMA:Cluster:{cluster}:Silo=127.0.0.1:{ClusterPorts.PickFree()}",
        $"--AMA:Cluster:{cluster}:Gateway=127.0.0.1:{ClusterPorts.PickFree()}",
    ];

    /// <param name="role">Whose token it needs, the first time.</param>
    /// <param name="number">Which one of its kind.</param>
    private async Task StartAsync(string assembly, string ready, string? role, string[] settings, int number = 1)
    {
        var suffix = number == 1 ? "" : $"-{number}";
        var identity = _folder.At("production-machine", "identity", $"{role}{suffix}", "identity.pem");
        var joined = role is null || File.Exists(identity);
        var token = joined ? null : await TokenAsync(role!, number);
        var program = ChildProgram.Launch(assembly, _folder.Path, settings, token);
        lock (_running) _running[number == 1 ? assembly : $"{assembly} {number}"] = program;
        await program.SaidAsync(ready);
    }

    private async Task<string> TokenAsync(string role, int number)
    {
        var place = _folder.At("control-machine", "control");
        var token = (await File.ReadAllTextAsync(Path.Combine(place, "operator.token"))).Trim();
        using var admin = AdminClient.Open(Path.Combine(place, "admin.sock"), token);
        var answer = await admin.PostAsync("/v1/peers/enrolment", new { role, name = $"{role}-{number}", minutes = 10 });
        using var json = JsonDocument.Parse(answer);
        return json.RootElement.GetProperty("token").GetString()!;
    }

    private async Task MeetAsync()
    {
        string Said(string assembly)
        {
            lock (_running) return _running.TryGetValue(assembly, out var program) ? program.Output : "";
        }
        var (smtp, web) = (SmtpLine().Match(Said("AMA.Gateway.Smtp")), WebLine().Match(Said("AMA.Gateway.Web")));
        if (!smtp.Success || !web.Success) return;
        var token = await File.ReadAllTextAsync(_folder.At("control-machine", "control", "operator.token"));
        Doors = new Doors(
            new Uri(web.Groups[1].Value), int.Parse(smtp.Groups[1].Value), int.Parse(smtp.Groups[2].Value),
            smtp.Groups[3].Value, token.Trim());
    }

    [GeneratedRegex(@"STARTTLS (\d+), TLS (\d+), certificate SHA-256 ([0-9a-f]{64})")]
    private static partial Regex SmtpLine();

    [GeneratedRegex(@"Web gateway is ready: (http://127\.0\.0\.1:\d+)")] private static partial Regex WebLine();
}
