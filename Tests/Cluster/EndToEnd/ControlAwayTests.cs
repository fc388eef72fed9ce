using System.Net;
using AMA.Tests.Cluster.EndToEnd.World;
using Xunit;

namespace AMA.Tests.Cluster.EndToEnd;

/// <summary>Without Control nobody reads, and nothing is lost: mail waits, sealed.</summary>
public sealed class ControlAwayTests(ShortLeaseArchive archive) : IClassFixture<ShortLeaseArchive>
{
    /// <summary>The promise (threats.md): no key is used later than TTL + 1 s.</summary>
    private static readonly TimeSpan LeaseEndsWithin = TimeSpan.FromSeconds(ShortLeaseArchive.TtlSeconds + 1);

    private long _stopped;

    [Fact]
    public async Task Lease_RenewsItselfWhileControlIsThere()
    {
        var tenant = await archive.CreateTenantAsync("renewing");
        await tenant.SendAsync(Eml.Of("a", "erneuerung"));
        var first = await WaitUntil.AnswerAsync(
            "a lease", tenant.Auditor.StatusAsync, s => s.Lease is { State: "held", ExpiresAt: not null });
        var end = first.Lease.ExpiresAt!.Value.AddSeconds(ShortLeaseArchive.TtlSeconds);
        await WaitUntil.AnswerAsync(
            "the lease to be renewed", tenant.Auditor.StatusAsync, s => s.Lease.ExpiresAt > end);
        await tenant.FindAsync("erneuerung");
    }

    [Fact]
    public async Task ControlStopped_MailIsAccepted_SearchIsLocked_AndAllCatchesUp()
    {
        var tenant = await archive.CreateTenantAsync("nordwind");
        await tenant.SendAsync([.. Enumerable.Range(0, 3).Select(i => Eml.Of($"before {i}", "vorher"))]);
        await tenant.Auditor.DrainedAsync(3);
        await archive.Operator.StatusAsync(); // a dashboard that goes on asking
        var early = (await tenant.Auditor.SearchAsync("vorher")).Items[0].Id;

        await archive.Host.StopControlAsync();
        _stopped = TimeProvider.System.GetTimestamp();
        await tenant.SendAsync([.. Enumerable.Range(0, 3).Select(i => Eml.Of($"while {i}", "waehrend"))]);
        await LockedAsync(tenant.Auditor, early);
        // Still later, with every lease over for sure.
        await tenant.SendAsync([.. Enumerable.Range(0, 3).Select(i => Eml.Of($"late {i}", "spaet"))]);
        await StillLockedAsync(tenant, early);

        await archive.Host.StartControlAsync();
        var status = await tenant.Auditor.DrainedAsync(9);
        Assert.Equal((9, 9, 0), (status.Accepted, status.Archived, status.Duplicates));
        Assert.Equal("held", status.Lease.State);
        foreach (var word in new[] { "vorher", "waehrend", "spaet" })
            Assert.Equal(3, (await tenant.Auditor.SearchAsync(word)).Total);
        // The web gateway finds Control again by itself, maybe a moment after the archive silo did.
        await WaitUntil.AnswerAsync("signed in again", () => archive.SignInAsync("nordwind", "auditor"), _ => true);
    }

    /// <summary>An archive with nothing to do gets its lease back too, or it would say "locked" for ever.</summary>
    [Fact]
    public async Task ControlBack_IdleArchiveIsHeldAgain()
    {
        var tenant = await archive.CreateTenantAsync("idle");
        await tenant.SendAsync(Eml.Of("idle", "muessig"));
        await tenant.Auditor.DrainedAsync(1);

        await archive.Host.StopControlAsync();
        await WaitUntil.AnswerAsync("locked", tenant.Auditor.StatusAsync, s => s.Lease.State == "locked");
        await archive.Host.StartControlAsync();
        await WaitUntil.AnswerAsync("held", tenant.Auditor.StatusAsync, s => s.Lease.State == "held");
        await tenant.FindAsync("muessig");
        await WaitUntil.AnswerAsync("signed in again", () => archive.SignInAsync("idle", "auditor"), _ => true);
    }

    /// <summary>Until the lease ends there are answers, then 423 with Retry-After; no other way to say no.</summary>
    private async Task LockedAsync(Rest auditor, string id)
    {
        var locked = await WaitUntil.AnswerAsync("423", async () =>
        {
            var asked = TimeProvider.System.GetElapsedTime(_stopped);
            var answer = await auditor.GetAsync(Rest.SearchPath("vorher"));
            Assert.True(answer.Status is HttpStatusCode.OK or HttpStatusCode.Locked, $"{answer.Status} {answer.Text}");
            if (answer.Status is HttpStatusCode.OK) Assert.InRange(asked, TimeSpan.Zero, LeaseEndsWithin);
            return answer;
        }, answer => answer.Status is HttpStatusCode.Locked);
        Assert.True(locked.RetryAfter > TimeSpan.Zero);
        Assert.Equal("application/problem+json", locked.ContentType);
        Assert.Equal(HttpStatusCode.Locked, (await auditor.GetAsync($"v1/messages/{id}")).Status);
        Assert.Equal(HttpStatusCode.Locked, (await auditor.GetAsync($"v1/messages/{id}/raw")).Status);
    }

    private async Task StillLockedAsync(Tenant tenant, string id)
    {
        Assert.Equal(HttpStatusCode.Locked, (await tenant.Auditor.GetAsync($"v1/messages/{id}/raw")).Status);
        var status = await tenant.Auditor.StatusAsync();
        Assert.Equal("locked", status.Lease.State);
        Assert.False(status.Spool.IsEmpty, status.ToString());
        Assert.True(status.AddUp, status.ToString());
        Assert.Equal("locked", (await archive.Operator.StatusAsync()).Lease.State);
        var signIn = await archive.Anonymous.PostAsync(
            "v1/session", new { tenant = "nordwind", user = "auditor", password = RunningArchive.Password });
        Assert.Equal(HttpStatusCode.ServiceUnavailable, signIn.Status);
        var create = await archive.Operator.PostAsync(
            "v1/tenants", new { name = "later", journalAddresses = new[] { "journal@later.example" } });
        Assert.Equal(HttpStatusCode.ServiceUnavailable, create.Status);
    }
}
