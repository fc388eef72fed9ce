using AMA.Adapters.Hosting;
using AMA.Adapters.Submission;
using AMA.Tests.Cluster.EndToEnd.World;
using AMA.Tests.Unit.Adapters.Local;

namespace AMA.Tests.Cluster.Clients;

/// <summary>
/// An archive as a customer's mail server meets it: always at the same ports, with a certificate from an authority, and a
/// tenant that only those may send for who sign in. One of its spool stores is on a small disk, where there can be one.
/// </summary>
public sealed class ClientArchive : EmbeddedArchive
{
    public const string Journal = "journal@acme.example";

    private readonly string _startTls = $"127.0.0.1:{ClusterPorts.PickFree()}";
    private readonly string _implicitTls = $"127.0.0.1:{ClusterPorts.PickFree()}";
    private readonly SmallDisk? _disk = SmallDisk.TryMake(megabytes: 64, inodes: 10_000);

    internal TestAuthority Authority { get; } = new();

    internal SmallDisk? Disk => _disk;

    public string AuthorityFile => Folder.At("authority.pem");

    /// <summary>The source that Control made with the tenant.</summary>
    public SubmissionCredentials Credentials { get; private set; } = null!;

    public Rest Auditor { get; private set; } = null!;

    protected override Dictionary<string, string?> Settings => new()
    {
        ["AMA:Smtp:Endpoint"] = _startTls,
        ["AMA:Smtp:ImplicitTlsEndpoint"] = _implicitTls,
        ["AMA:Smtp:Certificate"] = Folder.At("server.pem"),
        ["AMA:Spool:Directories"] =
            $"{Folder.At("spool", "a")},{(_disk is null ? Folder.At("spool", "b") : $"{_disk.Path}/b")}",
    };

    public override async ValueTask InitializeAsync()
    {
        await File.WriteAllTextAsync(Folder.At("server.pem"), Authority.ServerPem());
        await File.WriteAllTextAsync(AuthorityFile, Authority.Pem);
        await base.InitializeAsync();
        var body = new { name = "acme", journalAddresses = new[] { Journal }, secondFactor = "off" };
        var made = (await Operator.PostAsync("v1/tenants", body)).Read<Made>().Sources[0];
        Credentials = new(made.User, made.Password);
        Auditor = await CreateUserAsync("acme", "auditor", "auditor");
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        Authority.Dispose();
        _disk?.Dispose();
    }

    /// <summary>The one message with this subject, as soon as it is found; there must never be a second.</summary>
    public async Task<(Shown Shown, byte[] Raw)> ArchivedAsync(string subject)
    {
        var found = await WaitUntil.AnswerAsync(
            $"{subject} is found", () => Auditor.SearchAsync($"subject:{subject}"), page => page.Total > 0);
        var item = Xunit.Assert.Single(found.Items);
        return (await Auditor.MessageAsync(item.Id), await Auditor.RawAsync(item.Id));
    }

    private sealed record Made(Source[] Sources);

    private sealed record Source(string User, string Password);
}
