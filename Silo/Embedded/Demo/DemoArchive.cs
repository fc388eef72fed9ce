using System.Net;
using System.Net.Http.Json;
using AMA.Adapters.Local;
using AMA.Adapters.Submission;
using AMA.Archive.Ids;

namespace AMA.Silo.Embedded.Demo;

/// <summary>
/// A small archive to try things with: a tenant, an auditor and a few messages, made the way a customer would make
/// them, through REST and through SMTP over TLS. Done once, in an empty data directory.
/// </summary>
public sealed class DemoArchive : IDisposable
{
    private const string Tenant = "demo";
    private const string Journal = "journal@demo.example";
    private const string Auditor = "auditor";
    private const string Admin = "admin";
    private const int PasswordBytes = 12;
    private static readonly TimeSpan IndexedWithin = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan AskEvery = TimeSpan.FromMilliseconds(200);

    private readonly EmbeddedHost _host;
    private readonly HttpClient _http;
    private readonly bool _needsSecondFactor;

    private DemoArchive(EmbeddedHost host)
    {
        _host = host;
        _http = new() { BaseAddress = host.WebAddress };
        _needsSecondFactor = !host.Options.Control.SecondFactorMayBeOff;
    }

    public static async Task RunAsync(EmbeddedHost host, TextWriter output, CancellationToken cancel)
    {
        using var demo = new DemoArchive(host);
        await demo.RunAsync(output, cancel);
    }

    public void Dispose() => _http.Dispose();

    private async Task RunAsync(TextWriter output, CancellationToken cancel)
    {
        var token = (await File.ReadAllTextAsync(_host.Options.Control.OperatorTokenFile, cancel)).Trim();
        _http.DefaultRequestHeaders.Authorization = new("Bearer", token);
        if (await CreateTenantAsync(cancel) is not { } source)
        {
            await output.WriteLineAsync($"""

                The demo tenant is there already, from an earlier start; its mail is as you left it. Lost the password?
                Make another auditor: dotnet run --project Gateway/Cli -- user create auditor2 --tenant {Tenant} --role auditor
                """);
            return;
        }
        var password = _needsSecondFactor ? await CreateAdminAsync(cancel) : await CreateAuditorAsync(cancel);
        var sent = await SendSamplesAsync(source, cancel);
        await WaitForIndexAsync(sent, cancel);
        await (_needsSecondFactor ? ExplainAdminAsync(output, password, sent) : ExplainAsync(output, password, sent));
        await ExplainSourceAsync(output, source);
    }

    /// <summary>The tenant's first source; null: the tenant is there already.</summary>
    private async Task<SubmissionCredentials?> CreateTenantAsync(CancellationToken cancel)
    {
        using var answer = await _http.PostAsJsonAsync("/v1/tenants", new
        {
            name = Tenant, journalAddresses = new[] { Journal }, secondFactor = _needsSecondFactor ? null : "off",
        }, cancel);
        if (answer.StatusCode is HttpStatusCode.Conflict) return null;
        answer.EnsureSuccessStatusCode();
        var source = (await answer.Content.ReadFromJsonAsync<MadeTenant>(cancel))!.Sources[0];
        return new(source.User, source.Password);
    }

    /// <summary>A password of the demo's own, so that its ready-made commands need no change of it first.</summary>
    private async Task<string> CreateAuditorAsync(CancellationToken cancel)
    {
        var password = Convert.ToHexStringLower(SystemRandom.Instance.NextBytes(PasswordBytes));
        using var answer = await _http.PostAsJsonAsync(
            $"/v1/tenants/{Tenant}/users", new { user = Auditor, role = "auditor", password }, cancel);
        answer.EnsureSuccessStatusCode();
        return password;
    }

    /// <summary>Where others reach the archive, no operator makes an auditor: the tenant's own admin does.</summary>
    private async Task<string> CreateAdminAsync(CancellationToken cancel)
    {
        using var answer = await _http.PostAsJsonAsync(
            $"/v1/tenants/{Tenant}/users", new { user = Admin, role = "tenant-admin" }, cancel);
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<Made>(cancel))!.Password;
    }

    private async Task<int> SendSamplesAsync(SubmissionCredentials source, CancellationToken cancel)
    {
        await using var session = await SmtpSubmission.ConnectAsync(new()
        {
            Host = _host.Options.Smtp.Endpoint.Address.ToString(),
            Port = _host.SmtpPorts.StartTls,
            Trust = ServerTrust.Fingerprint(_host.Certificate.Fingerprint),
            EhloName = "demo.example",
            Credentials = source,
        }, cancel);
        var samples = Samples();
        foreach (var sample in samples)
        {
            var reply = await session.SendAsync("journal-source@demo.example", [Journal], sample, cancel);
            if (!reply.Accepted) throw new InvalidOperationException($"the demo's mail was not accepted: {reply}");
        }
        return samples.Count;
    }

    private async Task WaitForIndexAsync(int expected, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(IndexedWithin);
        while (await IndexedAsync(limit.Token) < expected)
            await Task.Delay(AskEvery, limit.Token);
    }

    private async Task<long> IndexedAsync(CancellationToken cancel)
    {
        using var answer = await _http.GetAsync("/v1/status", cancel);
        return answer.IsSuccessStatusCode ? (await answer.Content.ReadFromJsonAsync<Progress>(cancel))!.Indexed : 0;
    }

    private Task ExplainAsync(TextWriter output, string password, int sent) => output.WriteLineAsync($"""

        Demo: {sent} messages are archived and can be found.

          journal address      {Journal}   (send mail here, to {_host.Options.Smtp.Endpoint.Address}:{_host.SmtpPorts.StartTls})
          tenant, user         {Tenant}, {Auditor}
          password             {password}
          second factor        off for this tenant: only this machine can reach it

        Search, in another terminal:

          dotnet run --project Gateway/Cli -- login --tenant {Tenant} --user {Auditor} --server-url {_host.WebAddress}
          dotnet run --project Gateway/Cli -- search 'harbour AND subject:contract'

        or with curl:

          TOKEN=$(curl -s {_host.WebAddress}v1/session -H 'Content-Type: application/json' \
            -d '{$"{{\"tenant\":\"{Tenant}\",\"user\":\"{Auditor}\",\"password\":\"{password}\"}}"}' | sed 's/.*"token":"\([^"]*\)".*/\1/')
          curl -s -H "Authorization: Bearer $TOKEN" '{_host.WebAddress}v1/messages?q=harbour'
        """);

    private static Task ExplainAdminAsync(TextWriter output, string password, int sent) => output.WriteLineAsync($"""

        Demo: {sent} messages are archived. Others can reach this archive, so people here need second factors, and only
        the tenant's own admin makes an auditor, who can search:

          tenant, user         {Tenant}, {Admin}
          password             {password}   (for once)

          dotnet run --project Gateway/Cli -- login --tenant {Tenant} --user {Admin}
          dotnet run --project Gateway/Cli -- user create {Auditor} --role auditor
          dotnet run --project Gateway/Cli -- login --tenant {Tenant} --user {Auditor}
          dotnet run --project Gateway/Cli -- search 'harbour AND subject:contract'
        """);

    private static Task ExplainSourceAsync(TextWriter output, SubmissionCredentials source) => output.WriteLineAsync($"""

        Send mail of your own, as a mail server would that journals to this archive:

          export AMA_SMTP_USER={source.User} AMA_SMTP_PASSWORD={source.Password}
          dotnet run --project Gateway/Cli -- send --to {Journal} FILE.eml
        """);

    private static List<ReadOnlyMemory<byte>> Samples()
    {
        var assembly = typeof(DemoArchive).Assembly;
        return [.. assembly.GetManifestResourceNames()
            .Where(n => n.EndsWith(".eml", StringComparison.Ordinal)).Order(StringComparer.Ordinal)
            .Select(name =>
            {
                using var stream = assembly.GetManifestResourceStream(name)!;
                var bytes = new byte[stream.Length];
                stream.ReadExactly(bytes);
                return CrlfForm.Of(bytes);
            })];
    }

    private sealed record Made(string Password);

    private sealed record MadeTenant(MadeSource[] Sources);

    private sealed record MadeSource(string User, string Password)
    {
        public override string ToString() => "[source]";
    }

    private sealed record Progress(long Indexed);
}
