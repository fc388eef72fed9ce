using System.Net;
using System.Text;
using AMA.Adapters.Submission;
using AMA.Tests.Cluster.EndToEnd.World;
using MailKit.Security;
using MimeKit;
using Xunit;

namespace AMA.Tests.Cluster.EndToEnd;

/// <summary>The whole path: mail over TLS in, sealed, indexed, found, and out again.</summary>
public sealed class FirstLightTests(FirstLightArchive archive) : IClassFixture<FirstLightArchive>
{
    private Rest Auditor => archive.Tenant.Auditor;

    [Theory]
    [InlineData("softened", "Contract with Harbour Logistics")]
    [InlineData("SOFTENED penalty", "Contract with Harbour Logistics")]
    [InlineData("\"penalty clause\"", "Contract with Harbour Logistics")]
    [InlineData("\"clause penalty\"")]
    [InlineData("harbour", "Harbour dues rise", "Contract with Harbour Logistics")]
    [InlineData("harbour NOT penalty", "Harbour dues rise")]
    [InlineData("subject:minutes", "Minutes of Monday's meeting")]
    [InlineData("from:jonas", "Contract with Harbour Logistics")]
    [InlineData("from:jonas@nordwind.example", "Contract with Harbour Logistics")]
    [InlineData("to:legal@nordwind.example", "Contract with Harbour Logistics")]
    [InlineData("filename:minutes", "Minutes of Monday's meeting")]
    [InlineData("gdansk", "Minutes of Monday's meeting")]
    [InlineData("københavn", "Harbour dues rise")]
    [InlineData("date:2026-11-05..2026-11-05", "Contract with Harbour Logistics")]
    [InlineData("after:2026-11-10 before:2026-11-16", "Harbour dues rise")]
    [InlineData("subject:harbour OR subject:minutes",
        "Minutes of Monday's meeting", "Harbour dues rise", "Contract with Harbour Logistics")]
    public async Task Search_FindsNewestFirst(string query, params string[] subjects)
    {
        var found = await Auditor.SearchAsync($"({query}) NOT subject:later");

        Assert.Equal(subjects, found.Items.Select(item => item.Subject));
        Assert.Equal(subjects.Length, found.Total);
    }

    [Fact]
    public async Task Cursor_LeadsThroughAllOnce()
    {
        var all = await Auditor.AllAsync();
        var paged = new List<Listed>();
        string? cursor = null;
        do
        {
            var page = await Auditor.SearchAsync("", limit: 2, cursor);
            Assert.Equal(all.Count, page.Total);
            paged.AddRange(page.Items);
            cursor = page.Next;
        }
        while (cursor is not null);
        Assert.Equal(all.Select(item => item.Id), paged.Select(item => item.Id));
        Assert.Distinct(paged.Select(item => item.Id));
    }

    [Fact]
    public async Task Message_ShowsHeadersTextAttachmentsAndHowItCame()
    {
        var listed = await archive.Tenant.FindAsync("subject:minutes");
        var shown = await Auditor.MessageAsync(listed.Id);

        Assert.Equal("minutes-6@nordwind.example", shown.MessageId);
        Assert.Contains("Gdańsk", shown.Text);
        Assert.Contains(new ShownHeader("X-Room", "Große Werft"), shown.Headers);
        Assert.Equal(["minutes ü.txt"], shown.Attachments.Select(file => file.Name));
        Assert.Equal(new DateTime(2026, 11, 16, 12, 30, 44, DateTimeKind.Utc), shown.Date);
        var delivery = Assert.Single(shown.Deliveries);
        Assert.Contains(delivery.Receipt, archive.Receipts);
        Assert.Equal(RunningArchive.Sender, delivery.Sender);
        Assert.Equal([archive.Tenant.Journal], delivery.Recipients);
        Assert.StartsWith("TLSv1.", delivery.Tls);
        Assert.Empty(shown.Flags);
    }

    [Fact]
    public async Task Raw_IsByteIdentical()
    {
        var raws = new List<string>();
        foreach (var listed in await Auditor.AllAsync("NOT subject:later"))
        {
            var raw = await Auditor.GetAsync($"v1/messages/{listed.Id}/raw");
            Assert.Equal("message/rfc822", raw.ContentType);
            Assert.Equal(listed.Size, raw.Body.Length);
            raws.Add(Eml.Hash(raw.Body));
        }
        Assert.Equal(archive.Sent.Select(sent => Eml.Hash(sent)).Order(), raws.Order());
    }

    [Fact]
    public async Task SameBytesTwice_AreOneRecordWithTwoDeliveries()
    {
        var before = await Auditor.StatusAsync();
        var message = Eml.Of("later twins", "zwillingswort");
        var receipts = await archive.Tenant.SendAsync(message, message);
        await Auditor.DrainedAsync(before.Accepted + 2);

        var listed = await archive.Tenant.FindAsync("zwillingswort");
        var shown = await WaitUntil.AnswerAsync(
            "both deliveries", () => Auditor.MessageAsync(listed.Id), m => m.Deliveries.Length == 2);
        Assert.Equal(receipts.Order(), shown.Deliveries.Select(d => d.Receipt).Order());
        var after = await Auditor.StatusAsync();
        Assert.Equal((before.Archived + 1, before.Duplicates + 1), (after.Archived, after.Duplicates));
    }

    [Fact]
    public async Task SameMessageIdWithOtherBytes_IsAnotherRecord()
    {
        var before = await Auditor.StatusAsync();
        string[] id = ["Message-ID: <later-same-id@nordwind.example>"];
        await archive.Tenant.SendAsync(
            Eml.Of("later one", "gleichkennung", more: id), Eml.Of("later two", "gleichkennung", more: id));
        var after = await Auditor.DrainedAsync(before.Accepted + 2);

        Assert.Equal((before.Archived + 2, before.Duplicates), (after.Archived, after.Duplicates));
        Assert.Equal(2, (await Auditor.SearchAsync("gleichkennung")).Total);
    }

    [Fact]
    public async Task Counters_AddUpExactly_ForTenantAndRegion()
    {
        var accepted = (await Auditor.StatusAsync()).Accepted;
        byte[][] messages = [.. Enumerable.Range(0, 25).Select(i => Eml.Of("later count", $"zahl {i % 20}"))];
        await archive.Tenant.SendAsync(messages);
        var tenant = await Auditor.DrainedAsync(accepted + 25);
        var region = await archive.Operator.StatusAsync();

        Assert.Equal(accepted + 25, tenant.Accepted);
        Assert.True(tenant.AddUp && region.AddUp, $"{tenant} {region}");
        Assert.Equal(tenant.Lasting, region.Lasting);
        Assert.Equal("held", tenant.Lease.State);
        Assert.NotNull(tenant.Lease.ExpiresAt);
    }

    [Theory]
    [InlineData(SecureSocketOptions.StartTls)]
    [InlineData(SecureSocketOptions.SslOnConnect)]
    public async Task OrdinaryMailProgram_Delivers(SecureSocketOptions tls)
    {
        using var message = new MimeMessage();
        message.From.Add(new MailboxAddress("Jürgen", "juergen@nordwind.example"));
        message.To.Add(new MailboxAddress("Team", "team@nordwind.example"));
        message.Subject = $"later by {tls}";
        message.Body = new TextPart("plain") { Text = $".begins with a dot\n..\nfremdprogramm{tls}\n" };
        using var client = new MailKit.Net.Smtp.SmtpClient();
        client.ServerCertificateValidationCallback = (_, certificate, _, _) =>
            certificate!.GetCertHashString(System.Security.Cryptography.HashAlgorithmName.SHA256)
                .Equals(archive.Doors.Fingerprint, StringComparison.OrdinalIgnoreCase);
        var port = tls is SecureSocketOptions.StartTls ? archive.Doors.StartTlsPort : archive.Doors.ImplicitTlsPort;
        await client.ConnectAsync("127.0.0.1", port, tls);
        var answer = await client.SendAsync(
            message, new MailboxAddress("", RunningArchive.Sender), [new MailboxAddress("", archive.Tenant.Journal)]);
        await client.DisconnectAsync(quit: true);

        var listed = await archive.Tenant.FindAsync($"fremdprogramm{tls}");
        var shown = await Auditor.MessageAsync(listed.Id);
        Assert.Contains(shown.Deliveries[0].Receipt, answer);
        var format = FormatOptions.Default.Clone();
        format.NewLineFormat = NewLineFormat.Dos;
        using var written = new MemoryStream();
        await message.WriteToAsync(format, written);
        var raw = await Auditor.RawAsync(listed.Id);
        Assert.Equal(Encoding.UTF8.GetString(written.ToArray()), Encoding.UTF8.GetString(raw));
    }

    [Fact]
    public async Task WhatIsNotThere_IsSaidAlike()
    {
        foreach (var id in new[] { new string('0', 32), "nonsense", "..", "%2e%2e%2fstatus" })
        {
            var answer = await Auditor.GetAsync($"v1/messages/{id}/raw");
            Assert.Equal(HttpStatusCode.NotFound, answer.Status);
        }
    }

    [Fact]
    public async Task WrongQuery_IsToldWhatToChange()
    {
        foreach (var query in new[] { "(", "a AND", "date:2026-13", new string('(', 1900), "ab*" })
        {
            var answer = await Auditor.GetAsync(Rest.SearchPath(query));
            Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
            Assert.Equal("application/problem+json", answer.ContentType);
        }
    }
}

/// <summary>Three messages in over STARTTLS and two with odd bytes over implicit TLS, all of them findable.</summary>
public sealed class FirstLightArchive : EmbeddedArchive
{
    public Tenant Tenant { get; private set; } = null!;

    public IReadOnlyList<byte[]> Sent { get; private set; } = [];

    public IReadOnlyList<string> Receipts { get; private set; } = [];

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        Tenant = await CreateTenantAsync("nordwind");
        byte[][] ordinary = [Contract(), Dues(), Minutes()];
        byte[][] odd = [BareLineEnds(), EveryByte()];
        Sent = [.. ordinary, .. odd];
        Receipts =
        [
            .. await Tenant.SendAsync(SubmissionTls.StartTls, ordinary),
            .. await Tenant.SendAsync(SubmissionTls.Implicit, odd),
        ];
        Assert.Distinct(Receipts);
        await Tenant.Auditor.DrainedAsync(Sent.Count);
    }

    private static byte[] Contract() => Eml.Of(
        "Contract with Harbour Logistics", "They want the penalty clause softened.\r\n.\r\n..two dots\r\n",
        from: "Jonas Weber <jonas@nordwind.example>", to: "mara@nordwind.example",
        more: "Cc: legal@nordwind.example");

    private static byte[] Dues() => Eml.Of(
        "Harbour dues rise", "<p>Shippers in L=FCbeck and K=F8benhavn protest.</p>", from: "news@hafen.example",
        date: "Tue, 10 Nov 2026 06:00:00 +0000", more:
        [
            "MIME-Version: 1.0", "Content-Type: text/html; charset=iso-8859-1",
            "Content-Transfer-Encoding: quoted-printable",
        ]);

    private static byte[] Minutes() => Eml.Of(
        "Minutes of Monday's meeting",
        "--=b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\nThe office in "
        + "Gdańsk opens.\r\n--=b\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment; "
        + "filename*=utf-8''minutes%20%C3%BC.txt\r\nContent-Transfer-Encoding: base64\r\n\r\nAAECAw==\r\n--=b--\r\n",
        from: "Mara <mara@nordwind.example>", date: "Mon, 16 Nov 2026 13:30:44 +0100", more:
        [
            "Message-ID: <minutes-6@nordwind.example>", "X-Room: =?utf-8?q?Gro=C3=9Fe_Werft?=", "MIME-Version: 1.0",
            "Content-Type: multipart/mixed; boundary=\"=b\"",
        ]);

    private static byte[] BareLineEnds() => Eml.Join(
        Eml.Of("bare", "first", date: "Mon, 02 Nov 2026 08:00:00 +0000"),
        "lf\n.\nlf cr\r.\r\r\n.\n\n..\r\nend\r\n"u8.ToArray());

    private static byte[] EveryByte() => Eml.Join(
        Eml.Of("bytes", "first", date: "Mon, 02 Nov 2026 09:00:00 +0000"),
        [.. Enumerable.Range(0, 256 * 40).Select(i => (byte)(i * 7 / 3))], "\r\n"u8.ToArray());
}
