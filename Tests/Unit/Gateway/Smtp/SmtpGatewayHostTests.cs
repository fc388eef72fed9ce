using AMA.Adapters.Hosting;
using AMA.Adapters.Hosting.Tls;
using AMA.Adapters.Local;
using AMA.Archive.Blobs;
using AMA.Archive.Ids;
using AMA.Gateway.Smtp;
using AMA.Tests.Unit.Core.Archive.Blobs;
using Xunit;

namespace AMA.Tests.Unit.Gateway.Smtp;

public sealed class SmtpGatewayHostTests
{
    [Fact]
    public async Task WithoutACluster_ItListens_AndPutsMailOff()
    {
        var parts = Parts(new MemoryBlobStore(), new MemoryBlobStore());
        await using var app = SmtpGatewayHost.Build(SmtpUnderTest.Options, parts);
        await app.StartAsync();
        var ports = SmtpGatewayHost.BoundPorts(app);
        Assert.NotEqual(ports.StartTls, ports.ImplicitTls);
        Assert.False(SmtpGatewayHost.ReadyAsync(app, default).IsCompleted);
        await using (var client = await RawClient.GreetedAsync(ports.StartTls))
        {
            await client.AskAsync("MAIL FROM:<a@client.example>", "250");
            await client.AskAsync("RCPT TO:<journal@one.example>", "450 4.1.1");
        }
        await app.StopAsync();
    }

    [Fact]
    public void MoreCopiesThanStores_AreNotToBeHad()
    {
        var options = SmtpUnderTest.Options with { CopiesRequired = 2 };
        Assert.Throws<ArgumentException>(() => SmtpGatewayHost.Build(options, Parts(new MemoryBlobStore())));
        Assert.Throws<ArgumentException>(() => SmtpGatewayHost.Build(SmtpUnderTest.Options, Parts()));
    }

    private static SmtpGatewayParts Parts(params IBlobStore[] spool) => new()
    {
        Spool = spool,
        Identity = SmtpUnderTest.NoPapers(TimeProvider.System),
        ConfigureCluster = client => client.UseLocalClient(
            ClusterPorts.PickFree("nobody-there"),
            new ClusterTls(new PeerCredentials(Region.Eu, TimeProvider.System), PeerRoles.Production)),
        Region = Region.Eu,
        Time = TimeProvider.System,
        Random = SystemRandom.Instance,
        Certificate = SmtpUnderTest.Certificate.Certificate,
        Logging = _ => { },
    };
}
