using System.Net;
using System.Text;
using AMA.Adapters.Submission;
using AMA.Tests.Cluster.EndToEnd.World;
using Microsoft.Extensions.Logging;
using Xunit;

namespace AMA.Tests.Cluster.EndToEnd;

/// <summary>
/// Planted words, as no other text has them, in everything that is somebody's: none may stand in any file or log line,
/// neither while the archive runs nor after it.
/// </summary>
public sealed class CanaryTests(CanaryArchive archive) : IClassFixture<CanaryArchive>
{
    private static readonly string[] Words =
    [
        "qxbodyzeisig", "qxhtmlgimpel", "qxsubjectpirol", "qxfromammer", "qxtowiedehopf", "qxccdompfaff",
        "qxjournalstar", "qxtenantkiebitz", "qxuserdrossel", "qxaddressrotkehl", "qxfilezaunkoenig",
        "qxmessageidamsel", "qxheaderfink", "qxsenderspatz", "qxhellosperling", "qxquerymeise", "qxattachedlerche",
        "qxnestedsubject", "qxpasswordelster",
    ];

    private const string Tenant = "qxtenantkiebitz";
    private const string User = "qxuserdrossel";
    private const string Journal = "qxjournalstar@qxjournalstar.example";
    private const string Sender = "qxsenderspatz@s.example";
    private const string UserPassword = "qxpasswordelster 1 2 3";

    /// <summary>The canary of the canaries: a word is seen in each form in which it may lie about.</summary>
    [Fact]
    public void Scan_SeesAWordInAFile()
    {
        using var folder = new TempFolder("canary");
        File.WriteAllBytes(folder.At("a"), [0, 1, 2, .. "xQXBODYZEISIGx"u8]);
        File.WriteAllBytes(folder.At("b"), [9, .. Encoding.Unicode.GetBytes("qxuserdrossel"), 9]);
        Assert.Equal(2, Leaks(folder).Count);
    }

    [Fact]
    public async Task Threat_38_PlantedWords_StandInNoFileAndNoLogLine()
    {
        var auditor = await ArchiveThemAsync();
        await AskForThemAsync(auditor);
        await BotherAsync();
        Assert.Empty(Leaks(archive.Folder));
        await archive.StopAsync();
        Assert.Empty(Leaks(archive.Folder));
        Assert.NotEmpty(archive.Log.Lines);
        Assert.DoesNotContain(archive.Log.Lines, line => Words.Any(word => Holds(line, word)));
        await archive.StartAsync();
        await WaitUntil.AnswerAsync("found again", () => auditor.SearchAsync("qxbodyzeisig"), f => f.Total == 1);
        Assert.Empty(Leaks(archive.Folder));
    }

    private async Task<Rest> ArchiveThemAsync()
    {
        var made = await archive.Operator.PostAsync(
            "v1/tenants", new { name = Tenant, journalAddresses = new[] { Journal }, secondFactor = "off" });
        made.ThrowUnlessGood();
        await archive.OpenToThisMachineAsync(Tenant);
        var user = await archive.Operator.PostAsync($"v1/tenants/{Tenant}/users", new
        {
            user = User, role = "auditor", addresses = new[] { "qxaddressrotkehl@x.example" }, password = UserPassword,
        });
        user.ThrowUnlessGood();
        await using var session = await SmtpSubmission.ConnectAsync(new SubmissionTarget
        {
            Host = "127.0.0.1", Port = archive.Doors.StartTlsPort, EhloName = "qxhellosperling.example",
            Trust = ServerTrust.Fingerprint(archive.Doors.Fingerprint),
        }, CancellationToken.None);
        foreach (var message in new[] { Message(), Message(), Large() })
        {
            var reply = await session.SendAsync(Sender, [Journal], message, CancellationToken.None);
            Assert.True(reply.Accepted, reply.ToString());
        }
        var auditor = new Rest(() => archive.Doors, await SignInAsync());
        await auditor.DrainedAsync(3);
        return auditor;
    }

    /// <summary>Each word is there, for those who may see it: so it was in what the files hold.</summary>
    private static async Task AskForThemAsync(Rest auditor)
    {
        foreach (var word in new[] { "qxbodyzeisig", "qxhtmlgimpel", "subject:qxsubjectpirol", "from:qxfromammer",
            "to:qxtowiedehopf", "to:qxccdompfaff", "filename:qxfilezaunkoenig", "qxnestedsubject" })
            await WaitUntil.AnswerAsync(word, () => auditor.SearchAsync(word), f => f.Total == 1);
        Assert.Equal(0, (await auditor.SearchAsync("qxquerymeise")).Total);
        var found = (await auditor.SearchAsync("qxbodyzeisig")).Items.Single();
        await auditor.MessageAsync(found.Id);
        await auditor.RawAsync(found.Id);
        Assert.Equal(HttpStatusCode.BadRequest, (await auditor.GetAsync(Rest.SearchPath("(qxquerymeise"))).Status);
    }

    /// <summary>Faults are logged more eagerly than successes, and may quote what they met.</summary>
    private async Task BotherAsync()
    {
        await SignInAsync(new { tenant = Tenant, user = User, password = "qxpasswordelster" });
        await SignInAsync(new { tenant = Tenant, user = User, psw = "qxpasswordelster" });
        await archive.Operator.PostAsync("v1/tenants", new { name = Tenant, journalAddresses = new[] { Journal }, secondFactor = "off" });
        await archive.Anonymous.GetAsync("v1/qxquerymeise?q=qxquerymeise");
        await using (var session = await archive.ConnectAsync())
            await session.SendAsync(Sender, ["qxtowiedehopf@nowhere.example"], Message(), CancellationToken.None);
        await archive.Host.StopControlAsync();
        await SignInAsync(new { tenant = Tenant, user = User, password = UserPassword });
        await archive.Operator.GetAsync("v1/status");
        await archive.Host.StartControlAsync();
        await WaitUntil.AnswerAsync("signed in again", SignInAsync, _ => true);
    }

    private async Task<string> SignInAsync() =>
        (await SignInAsync(new { tenant = Tenant, user = User, password = UserPassword })).Read<Session>().Token;

    private Task<Answer> SignInAsync(object body) => archive.Anonymous.PostAsync("v1/session", body);

    private static List<string> Leaks(TempFolder folder) =>
    [
        .. from file in folder.Files()
           where !file.EndsWith(".sock") // the admin socket has no content
           let text = Lower(ReadShared(file))
           from word in Words
           where text.AsSpan().IndexOf(Encoding.UTF8.GetBytes(word)) >= 0
               || text.AsSpan().IndexOf(Encoding.Unicode.GetBytes(word)) >= 0
               || Holds(Path.GetRelativePath(folder.Path, file), word)
           select $"{file}: {word}",
    ];

    private static bool Holds(string text, string word) => text.Contains(word, StringComparison.OrdinalIgnoreCase);

    private static byte[] Lower(byte[] bytes)
    {
        for (var i = 0; i < bytes.Length; i++)
            if (bytes[i] is >= (byte)'A' and <= (byte)'Z') bytes[i] |= 0x20;
        return bytes;
    }

    /// <summary>Files come and go while the archive runs; what is gone holds nothing.</summary>
    private static byte[] ReadShared(string file)
    {
        try
        {
            const FileShare any = FileShare.ReadWrite | FileShare.Delete;
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, any);
            var bytes = new byte[stream.Length];
            return bytes[..stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false)];
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return [];
        }
        catch (IOException) when (Path.GetFileName(file) is ".lock" or "lock" or "start")
        {
            return []; // locked by the host: empty files
        }
    }

    private static byte[] Message() => Eml.Of(
        "=?utf-8?q?qxsubjectpirol?= seen",
        "--b\r\nContent-Type: text/plain\r\n\r\nThe qxbodyzeisig sings.\r\n--b\r\nContent-Type: text/html\r\n\r\n"
        + "<b>qxhtmlgimpel</b>\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nSubject:qxnestedsubject\r\n\r\n\r\n--b\r\n"
        + "Content-Disposition: attachment; filename=\"qxfilezaunkoenig.bin\"\r\n\r\nqxattachedlerche\r\n--b--\r\n",
        from: "Qxfromammer <qxfromammer@qxfromammer.example>", to: "qxtowiedehopf@qxtowiedehopf.example", more:
        [
            "Cc: Qxccdompfaff <c@qxccdompfaff.example>", "Message-ID: <qxmessageidamsel@x.example>",
            "X-Odd: qxheaderfink", "MIME-Version: 1.0", "Content-Type: multipart/mixed; boundary=b",
        ]);

    /// <summary>Streams into a segment of its own.</summary>
    private static byte[] Large() =>
        Eml.Of("large", string.Concat(Enumerable.Repeat("qxattachedlerche\r\n", 80_000)));

    private sealed record Session(string Token);
}

/// <summary>Logs as much as an operator may switch on.</summary>
public sealed class CanaryArchive : EmbeddedArchive
{
    protected override LogLevel LogLevelMin => LogLevel.Information;
}
