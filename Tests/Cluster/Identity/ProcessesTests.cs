using System.Net;
using System.Text;
using AMA.Tests.Cluster.EndToEnd.World;
using Xunit;

namespace AMA.Tests.Cluster.Identity;

/// <summary>The parts of an archive as processes of their own, over mutual TLS, and each of them killed.</summary>
public class ProcessesTests
{
    /// <summary>The promise: Control is back, and so long after it a search works again.</summary>
    private static readonly TimeSpan BackWithin = TimeSpan.FromSeconds(10);

    /// <summary>What a start of Control takes at most on a machine that has time for it; where it takes longer, so does
    /// all else.</summary>
    private static readonly TimeSpan StartTakes = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task Threat_38_EachProgramIsClosedToDebuggers_AndLeavesNoCore()
    {
        await using var archive = await SeparateArchive.StartNewAsync();
        foreach (var assembly in SeparateArchive.Programs) await ClosedProcess.AssertAsync(archive.IdOf(assembly));
    }

    [Fact]
    public async Task ControlKilled_MailIsTaken_SearchesLock_AndAllComesBackByItself()
    {
        await using var archive = await SeparateArchive.StartNewAsync();
        var tenant = await archive.CreateTenantAsync("nordwind");
        await tenant.SendAsync(Eml.Of("before", "vorher"));
        await tenant.FindAsync("vorher");

        await archive.KillAsync("AMA.Silo.Control");
        await tenant.SendAsync(Eml.Of("while", "waehrend"));
        await WaitUntil.AnswerAsync(
            "423", () => tenant.Auditor.GetAsync(Rest.SearchPath("vorher")),
            answer => answer.Status == HttpStatusCode.Locked);
        await tenant.SendAsync(Eml.Of("late", "spaet"));

        var began = TimeProvider.System.GetTimestamp();
        await archive.StartControlAsync();
        var slowness = Math.Max(1, TimeProvider.System.GetElapsedTime(began) / StartTakes);
        await WaitUntil.AnswerAsync(
            "a search", () => tenant.Auditor.SearchAsync("vorher"), page => page.Total == 1, slowness * BackWithin);
        await tenant.FindAsync("waehrend");
        await tenant.FindAsync("spaet");
    }

    /// <summary>
    /// Index files under keys that Control leases, and whose they are under one it hands out at start: without Control
    /// the silo's disk says nothing.
    /// </summary>
    private static void IsSealed(string file, string tenantId)
    {
        var bytes = File.ReadAllBytes(file).AsSpan();
        Assert.True(bytes.Length == 0 || bytes.StartsWith("AMIX"u8) || bytes.StartsWith("AMD1"u8), file);
        string[] planted = ["vorher", "suedwind", "journal", tenantId];
        foreach (var word in planted)
        {
            Assert.True(bytes.IndexOf(Encoding.UTF8.GetBytes(word)) < 0, file);
            Assert.DoesNotContain(word, file, StringComparison.OrdinalIgnoreCase);
        }
    }

    [Fact]
    public async Task GatewayRestarted_WhileProductionAndControlAreAway_TakesMail()
    {
        await using var archive = await SeparateArchive.StartNewAsync();
        var tenant = await archive.CreateTenantAsync("suedwind");
        await tenant.SendAsync(Eml.Of("before", "vorher"));
        await tenant.FindAsync("vorher");
        await archive.KillAsync("AMA.Silo.Control");
        await archive.KillAsync("AMA.Silo.Archive");
        Assert.NotEmpty(archive.LocalFiles());
        Assert.Contains(archive.LocalFiles(), file => Path.GetFileName(file) == "place.ama");
        Assert.All(archive.LocalFiles(), file => IsSealed(file, archive.TenantIds().Single()));
        await archive.KillAsync("AMA.Gateway.Smtp");

        await archive.StartSmtpAsync();
        await tenant.SendAsync(Eml.Of("alone", "allein"));

        await archive.StartControlAsync();
        await archive.StartSiloAsync();
        await tenant.FindAsync("allein");
    }

    [Fact]
    public async Task WithoutTokenAndIdentity_AProgramSaysWhatItNeeds()
    {
        using var folder = new TempFolder("bare");
        foreach (var assembly in new[] { "AMA.Silo.Archive", "AMA.Gateway.Smtp", "AMA.Gateway.Web" })
        {
            await using var program = ChildProgram.Launch(assembly, folder.Path, ["--AMA:Smtp:Endpont=x"]);
            Assert.Equal(2, await program.ExitCodeAsync());
            await program.SaidAsync("AMA:Identity:EnrolmentToken is needed once");
            await program.SaidAsync("AMA:Smtp:Endpont is no setting of AMA");
        }
    }
}
