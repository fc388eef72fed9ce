using System.Text;
using AMA.Tests.Cluster.EndToEnd.World;
using Xunit;

namespace AMA.Tests.Cluster.Clients;

public sealed partial class RealClientTests
{
    private Dictionary<string, string> PageValues => new()
    {
        ["[archive.example]:25"] = $"[localhost]:{archive.Doors.StartTlsPort}",
        ["USER:PASSWORD"] = $"{archive.Credentials.User}:{archive.Credentials.Password}",
    };

    /// <summary>
    /// A journaling server through everything that may go wrong on our side: a certificate that it can't check, a store
    /// away, nobody there at all. Whatever it took is archived once, as it was sent.
    /// </summary>
    [Fact]
    public async Task Postfix_AlwaysBcc_KeepsWhatWeCannotTake_AndAllIsArchivedOnce()
    {
        SkipUnlessRoot();
        using var stranger = new TestAuthority();
        await using var postfix = await Postfix.StartAsync("always_bcc", PageValues, stranger.Pem);
        var before = await WaitUntil.AnswerAsync("an empty spool", archive.Auditor.StatusAsync, s => s.Spool.Entries == 0);
        var found = (await archive.Auditor.SearchAsync("journalprobe")).Total; // other tests may have been first
        await postfix.TakeAsync(Odd("untrusted"), "them@else.example");
        await WaitsAsync(postfix, 1, "Server certificate not");

        await postfix.TrustAsync(archive.Authority.Pem);
        await postfix.ReloadAsync();
        await postfix.FlushAsync();
        await postfix.TakeAsync(Odd("ordinary"), "them@else.example", "others@else.example");
        await archive.ArchivedAsync("ordinary");
        using (archive.TakeAway("spool/a"))
        {
            await postfix.TakeAsync(Odd("unstored"), "them@else.example");
            await WaitsAsync(postfix, 1, "451 4.3.0");
        }
        await archive.StopAsync();
        await postfix.TakeAsync(Odd("unheard"), "them@else.example");
        await WaitsAsync(postfix, 2, "refused");
        await archive.StartAsync();
        await postfix.FlushAsync();

        string[] all = ["untrusted", "ordinary", "unstored", "unheard"];
        foreach (var subject in all) await IsAsSentAsync(subject);
        var status = await archive.Auditor.DrainedAsync(before.Archived + before.Duplicates + all.Length);
        Assert.Equal((before.Archived + all.Length, before.Duplicates), (status.Archived, status.Duplicates));
        Assert.Equal(found + all.Length, (await archive.Auditor.SearchAsync("journalprobe")).Total);
    }

    /// <summary>Blind copies have no other trace than the envelope.</summary>
    [Fact]
    public async Task Postfix_RecipientBccMaps_KeepEachRecipientInTheEnvelope()
    {
        SkipUnlessRoot();
        await using var postfix = await Postfix.StartAsync("recipient_bcc_maps", PageValues, archive.Authority.Pem);
        await postfix.TakeAsync(Odd("blindcopy"), "them@else.example", "blind@else.example");
        await postfix.FlushAsync();
        var (shown, _) = await archive.ArchivedAsync("blindcopy");
        Assert.Equal(
            ["journal+blind=else.example@acme.example", "journal+them=else.example@acme.example"],
            shown.Deliveries.SelectMany(delivery => delivery.Recipients).Order());
    }

    /// <summary>A copy that we refuse for good would be gone without a word.</summary>
    [Fact]
    public async Task Postfix_KeepsWhatIsRefusedForGood()
    {
        SkipUnlessRoot();
        var values = new Dictionary<string, string>(PageValues)
        {
            ["journal@acme.example"] = "typo@acme.example", ["/^journal("] = "/^typo(",
        };
        await using var postfix = await Postfix.StartAsync("always_bcc", values, archive.Authority.Pem);
        await postfix.TakeAsync(Odd("mistyped"), "them@else.example");
        await WaitsAsync(postfix, 1, "550 5.1.1");
    }

    private static async Task WaitsAsync(Postfix postfix, int messages, string why)
    {
        try
        {
            await WaitUntil.AnswerAsync($"{messages} in the queue for \"{why}\"", postfix.DeferredAsync,
                reasons => reasons.Length == messages && reasons.Any(reason => reason.Contains(why)));
        }
        catch (TimeoutException late)
        {
            throw new TimeoutException($"{late.Message}; Postfix says:\n{postfix.Log}", late);
        }
    }

    private async Task IsAsSentAsync(string subject)
    {
        var (shown, raw) = await archive.ArchivedAsync(subject);
        var sent = Odd(subject);
        Assert.Equal(ClientArchive.Journal, Assert.Single(Assert.Single(shown.Deliveries).Recipients));
        Assert.Equal(Eml.Hash(sent), Eml.Hash(raw.AsSpan(raw.Length - sent.Length)));
        var added = Encoding.ASCII.GetString(raw.AsSpan(0, raw.Length - sent.Length));
        Assert.StartsWith("Received: from ", added);
        Assert.All(added.TrimEnd().Split("\r\n")[1..], line => Assert.StartsWith("\t", line));
    }

    /// <summary>Dots, octets beyond ASCII, a line longer than SMTP's and none at all.</summary>
    private static byte[] Odd(string subject) => Eml.Of(
        subject, $"journalprobe\r\n.\r\n..\r\n.x\r\n{new string('l', 5_000)}\r\n\r\nzoë\u0080\r\n \t\r\n",
        from: "someone@acme.example", to: "them@else.example");

    private static void SkipUnlessRoot() =>
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Postfix' master has to be started by root");
}
