using System.Net;
using AMA.Adapters.Submission;
using Xunit;

namespace AMA.Tests.Cluster.EndToEnd.World;

/// <summary>Where a started archive can be met from outside.</summary>
public sealed record Doors(Uri Web, int StartTlsPort, int ImplicitTlsPort, string Fingerprint, string OperatorToken);

/// <summary>An archive that runs, in this process or in one of its own, seen through its doors only.</summary>
public abstract class RunningArchive
{
    public const string Sender = "journal-source@sender.example";
    public const string Password = "a long enough password, for tests";

    public Doors Doors { get; protected set; } = null!;

    public Rest Anonymous => new(() => Doors, "");

    public Rest Operator => new(() => Doors, Doors.OperatorToken);

    /// <summary>A tenant with one journal address and a signed-in auditor.</summary>
    public async Task<Tenant> CreateTenantAsync(string name, string? journal = null, string auditor = "auditor")
    {
        journal ??= $"journal@{name}.example";
        var body = new { name, journalAddresses = new[] { journal }, secondFactor = "off" };
        (await InTimeAsync(() => Operator.PostAsync("v1/tenants", body))).ThrowUnlessGood();
        await OpenToThisMachineAsync(name);
        return new Tenant(this, name, journal, await CreateUserAsync(name, auditor, "auditor"));
    }

    /// <summary>Whoever connects from here may send for the tenant.</summary>
    public async Task OpenToThisMachineAsync(string tenant) => (await InTimeAsync(() => Operator.PostAsync(
        $"v1/tenants/{tenant}/sources", new { kind = "network", cidr = "127.0.0.0/8" }))).ThrowUnlessGood();

    public async Task<Rest> CreateUserAsync(string tenant, string user, string role, params string[] addresses)
    {
        var body = new { user, role, addresses, password = Password };
        (await InTimeAsync(() => Operator.PostAsync($"v1/tenants/{tenant}/users", body))).ThrowUnlessGood();
        return await SignInAsync(tenant, user);
    }

    /// <summary>A tenant-admin: an operator makes one, and chooses nobody's password.</summary>
    public async Task<Rest> CreateAdminAsync(string tenant, string user = "admin")
    {
        var made = await InTimeAsync(() => Operator.PostAsync($"v1/tenants/{tenant}/users", new { user, role = "tenant-admin" }));
        var password = made.Read<Made>().Password;
        (await Anonymous.PostAsync("v1/session/password", new { tenant, user, password, newPassword = Password }))
            .ThrowUnlessGood();
        return await SignInAsync(tenant, user);
    }

    /// <summary>
    /// 503 means "not in time, try again", and on a machine whose disk is busy it comes. The first try may have been
    /// carried out all the same: then the next one finds it made (409).
    /// </summary>
    private static async Task<Answer> InTimeAsync(Func<Task<Answer>> make)
    {
        const int triesMax = 8;
        var answer = await make();
        for (var tries = 1; answer.Status == HttpStatusCode.ServiceUnavailable && tries < triesMax; tries++)
        {
            answer = await make();
            if (answer.Status == HttpStatusCode.Conflict) return answer with { Status = HttpStatusCode.OK };
        }
        return answer;
    }

    public async Task<Rest> SignInAsync(string tenant, string user)
    {
        var answer = await Anonymous.PostAsync("v1/session", new { tenant, user, password = Password });
        return new Rest(() => Doors, answer.Read<SignedIn>().Token);
    }

    public Task<SmtpSubmission> ConnectAsync(
        SubmissionTls tls = SubmissionTls.StartTls, SubmissionCredentials? credentials = null) =>
        SmtpSubmission.ConnectAsync(new SubmissionTarget
        {
            Host = "127.0.0.1",
            Port = tls is SubmissionTls.StartTls ? Doors.StartTlsPort : Doors.ImplicitTlsPort,
            Tls = tls,
            Trust = ServerTrust.Fingerprint(Doors.Fingerprint),
            EhloName = "mail.sender.example",
            Credentials = credentials,
        }, CancellationToken.None);

    private sealed record Made(string Password);

    private sealed record SignedIn(string Token, DateTime ExpiresAt);
}

/// <summary>One customer of the archive.</summary>
public sealed record Tenant(RunningArchive Archive, string Name, string Journal, Rest Auditor)
{
    /// <summary>Delivers, over one connection, and insists on 250; the receipts, in order.</summary>
    public Task<string[]> SendAsync(params byte[][] messages) => SendAsync(SubmissionTls.StartTls, messages);

    public async Task<string[]> SendAsync(SubmissionTls tls, params byte[][] messages)
    {
        await using var session = await Archive.ConnectAsync(tls);
        var receipts = new string[messages.Length];
        for (var i = 0; i < messages.Length; i++)
        {
            var reply = await session.SendAsync(
                RunningArchive.Sender, [Journal], messages[i], CancellationToken.None);
            Assert.True(reply.Code == 250, $"message {i} was answered {reply}");
            receipts[i] = reply.Text;
        }
        return receipts;
    }

    /// <summary>The one message a query finds, as soon as it does.</summary>
    public async Task<Listed> FindAsync(string query)
    {
        var found = await WaitUntil.AnswerAsync(
            $"{query} is found", () => Auditor.SearchAsync(query), page => page.Total > 0);
        return Assert.Single(found.Items);
    }
}
