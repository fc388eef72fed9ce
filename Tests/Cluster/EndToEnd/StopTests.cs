using System.Text.RegularExpressions;
using AMA.Tests.Cluster.EndToEnd.World;
using Xunit;

namespace AMA.Tests.Cluster.EndToEnd;

/// <summary>The embedded host as its users run it: started, stopped in order, started again.</summary>
public sealed partial class StopTests(ITestOutputHelper output) : IDisposable
{
    private readonly TempFolder _folder = new("stop");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task TermSignalUnderLoad_StopsInOrder_AndKeepsWhatWasAcknowledged()
    {
        var load = new KillLoad(Seed.New(output).Next());
        Tenant tenant;
        await using (var archive = await ChildArchive.StartAsync(_folder))
        {
            tenant = await archive.CreateTenantAsync("nordwind");
            var sending = load.SendUntilBrokenAsync(tenant);
            await WaitUntil.TrueAsync("some receipts", () => load.Acknowledged.Count > 50);
            await archive.TerminateAsync();
            Assert.Equal(0, await archive.ExitCodeAsync());
            Assert.EndsWith("Stopped.", archive.Output);
            await sending;
        }
        await using var again = await ChildArchive.StartAsync(_folder);
        var auditor = new Rest(() => again.Doors, tenant.Auditor.Token);
        await load.AllThereAsync(auditor);
    }

    /// <summary>What the demo tells its user to do works, and a second start leaves the mail as it was.</summary>
    [Fact]
    public async Task Demo_DoesWhatItSays_AndOnlyOnce()
    {
        await using (var archive = ChildArchive.LaunchOn(_folder, "--demo"))
        {
            await archive.ReadyAsync();
            await WaitUntil.TrueAsync("the explanation", () => archive.Output.Contains("v1/messages?q=harbour"));
            var password = PasswordLine().Match(archive.Output).Groups[1].Value;
            var answer = await archive.Anonymous.PostAsync(
                "v1/session", new { tenant = "demo", user = "auditor", password });
            var auditor = new Rest(() => archive.Doors, answer.Read<Session>().Token);
            Assert.True((await auditor.SearchAsync("harbour")).Total >= 3);
            Assert.Equal(1, (await auditor.SearchAsync("filename:invoice")).Total);
            await archive.TerminateAsync();
            Assert.Equal(0, await archive.ExitCodeAsync());
        }
        await using var again = ChildArchive.LaunchOn(_folder, "--demo");
        await WaitUntil.TrueAsync("to be told", () => again.Output.Contains("The demo tenant is there already"));
        Assert.Equal("", again.Errors);
    }

    [GeneratedRegex(@"  password\s+(\S+)")] private static partial Regex PasswordLine();

    private sealed record Session(string Token);
}
