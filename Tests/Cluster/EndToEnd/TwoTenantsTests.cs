using System.Net;
using AMA.Tests.Cluster.EndToEnd.World;
using Xunit;

namespace AMA.Tests.Cluster.EndToEnd;

/// <summary>Two customers with the same mail: neither finds or fetches the other's, whatever id or query.</summary>
public sealed class TwoTenantsTests(TwoTenantsArchive archive, ITestOutputHelper output)
    : IClassFixture<TwoTenantsArchive>
{
    [Fact]
    public async Task SameMessage_IsEachOnesOwn()
    {
        var one = Assert.Single((await archive.One.Auditor.SearchAsync("gemeinsamwort")).Items);
        var other = Assert.Single((await archive.Other.Auditor.SearchAsync("gemeinsamwort")).Items);

        Assert.NotEqual(one.Id, other.Id);
        Assert.Equal(
            [archive.One.Journal], (await archive.One.Auditor.MessageAsync(one.Id)).Deliveries.Single().Recipients);
        Assert.Equal(Eml.Hash(archive.Shared), Eml.Hash(await archive.One.Auditor.RawAsync(one.Id)));
        Assert.Equal(Eml.Hash(archive.Shared), Eml.Hash(await archive.Other.Auditor.RawAsync(other.Id)));
    }

    [Fact]
    public async Task Threat_26_EveryRouteWithEveryForeignId_AnswersAsForAMissingOne()
    {
        var missing = Guid.Parse("6a0de3a1-6d5c-4f57-9a43-1f4f0f6b8d11").ToString("N");
        foreach (var (session, foreign) in await SessionsAndForeignIdsAsync())
        foreach (var write in Spellings)
        foreach (var route in Routes)
        {
            var asked = await session.GetAsync(string.Format(route, write(foreign)));
            var nothing = await session.GetAsync(string.Format(route, write(missing)));
            // 400 where a path can't be one at all, such as with %00.
            Assert.True(asked.Status is HttpStatusCode.NotFound or HttpStatusCode.BadRequest, asked.Text);
            Assert.Equal(
                (nothing.Status, nothing.Text, nothing.ContentType), (asked.Status, asked.Text, asked.ContentType));
        }
    }

    [Fact]
    public async Task Threat_26_AnothersCursor_LeadsNowhereElse()
    {
        var cursor = (await archive.Other.Auditor.SearchAsync("", limit: 1)).Next;
        Assert.NotNull(cursor);
        var page = await archive.One.Auditor.SearchAsync("", cursor: cursor);
        Assert.Subset(await IdsAsync(archive.One.Auditor), page.Items.Select(item => item.Id).ToHashSet());
    }

    [Fact]
    public async Task Threat_27_WhateverTheQuery_OnlyOwnMailIsFound()
    {
        var random = Seed.New(output);
        foreach (var session in new[] { archive.One.Auditor, archive.Other.Auditor, archive.User })
        {
            var own = await IdsAsync(session);
            foreach (var query in Fixed.Concat(Enumerable.Range(0, 150).Select(_ => Any(random))))
            {
                var answer = await session.GetAsync(Rest.SearchPath(query));
                if (answer.Status is HttpStatusCode.BadRequest) continue;
                var found = answer.Read<Found>();
                Assert.True(found.Items.All(item => own.Contains(item.Id)) && found.Total <= own.Count, query);
            }
        }
    }

    [Fact]
    public async Task Threat_29_CountsSayNothingAboutOthersMail()
    {
        string[] others = ["nurander", "from:geheim@other.example", "subject:other", "message-id:other-1@x.example"];
        foreach (var word in others)
        {
            var page = await archive.One.Auditor.SearchAsync(word);
            Assert.Equal((0, 0, null), (page.Items.Length, page.Total, page.Next));
        }
    }

    [Fact]
    public async Task User_SeesMailThatNamesTheirAddress_AndOfTheEnvelopeOnlyThemselves()
    {
        var found = await archive.User.AllAsync();
        Assert.Equal(["cc to una", "from una", "to una"], found.Select(item => item.Subject).Order());
        Assert.Equal(0, (await archive.User.SearchAsync("nurvorstand")).Total);
        var shown = await archive.User.MessageAsync(found.Single(item => item.Subject == "to una").Id);
        Assert.Empty(shown.Deliveries.Single().Recipients); // the journal address is not theirs
    }

    [Fact]
    public async Task Operator_SeesHealth_NeverContent()
    {
        var id = (await archive.One.Auditor.SearchAsync("gemeinsamwort")).Items.Single().Id;
        string[] paths =
            ["v1/messages", "v1/messages?q=gemeinsamwort", $"v1/messages/{id}", $"v1/messages/{id}/raw"];
        foreach (var path in paths) Refused(await archive.Operator.GetAsync(path));
        Assert.True((await archive.Operator.StatusAsync()).Archived > 0);
    }

    [Fact]
    public async Task PeopleOfATenant_DoNoOperatorsWork()
    {
        foreach (var session in new[] { archive.One.Auditor, archive.User, archive.Anonymous, Forged() })
        {
            string[] journalAddresses = ["j@mine.example"];
            Refused(await session.PostAsync("v1/tenants", new { name = "mine", journalAddresses }));
            var me = new { user = "me", role = "auditor" };
            Refused(await session.PostAsync($"v1/tenants/{archive.One.Name}/users", me));
            var (others, nobodys) = (await session.PostAsync($"v1/tenants/{archive.Other.Name}/users", me),
                await session.PostAsync("v1/tenants/there-is-none/users", me));
            Assert.True(others.Status is HttpStatusCode.Unauthorized or HttpStatusCode.NotFound, others.Text);
            Assert.Equal(nobodys.Text, others.Text);
        }
    }

    [Fact]
    public async Task ForgedToken_IsNobody()
    {
        Assert.Equal(HttpStatusCode.Unauthorized, (await Forged().GetAsync("v1/messages")).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await Forged().GetAsync("v1/status")).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await archive.Anonymous.GetAsync("v1/messages")).Status);
    }

    /// <summary>One transaction belongs to one customer; the other's recipient is put off, not lost.</summary>
    [Fact]
    public async Task RecipientsOfTwoTenants_AreNotTakenTogether()
    {
        await using var session = await archive.ConnectAsync();
        string[] both = [archive.One.Journal, archive.Other.Journal];
        var reply = await session.SendAsync(RunningArchive.Sender, both, Eml.Of("both", "b"), CancellationToken.None);
        Assert.Equal(452, reply.Code);
    }

    private static void Refused(Answer answer) =>
        Assert.True(answer.Status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden, answer.Text);

    private static readonly string[] Routes =
        ["v1/messages/{0}", "v1/messages/{0}/raw", "v1/messages/{0}/", "v1/messages/{0}/raw/"];

    private static readonly Func<string, string>[] Spellings =
    [
        id => id, id => id.ToUpperInvariant(), id => Guid.Parse(id).ToString("D"), id => $"%{(int)id[0]:x2}{id[1..]}",
        id => $"../messages/{id}", id => $"{id}%00", id => $"%20{id}",
    ];

    private static readonly string[] Fixed =
    [
        "", "a OR NOT a", "NOT zzz", "from:example", "to:other.example", "date:1970..", "message-id:other-1@x.example",
        "tenant:other", "visible:all", "*:*", "NOT (NOT nurander)", "(nurander) OR (gemeinsamwort)",
        "gemeinsamwort) OR (nurander", "\"\" OR nurander", "geh*", "subject:* OR body:*",
    ];

    private static string Any(Random random) => string.Concat(Enumerable.Range(0, random.Next(1, 12)).Select(_ =>
        Pieces[random.Next(Pieces.Length)]));

    private static readonly string[] Pieces =
    [
        "nurander ", "gemeinsamwort ", "NOT ", "OR ", "AND ", "(", ")", "\"", "-", "from:", "to:", "subject:", "other",
        "@other.example ", "*", ":", "\u0000", "date:2026..", "geh* ", "tenant:", "\\", "und",
    ];

    private static async Task<HashSet<string>> IdsAsync(Rest session) =>
        [.. (await session.AllAsync()).Select(item => item.Id)];

    /// <summary>Who asks, and an id of each message that is not theirs, the user's own colleagues' included.</summary>
    private async Task<List<(Rest Session, string Foreign)>> SessionsAndForeignIdsAsync()
    {
        Rest[] sessions = [archive.One.Auditor, archive.Other.Auditor, archive.User];
        var own = new List<HashSet<string>>();
        foreach (var session in sessions) own.Add(await IdsAsync(session));
        var all = own.SelectMany(ids => ids).ToHashSet();
        return [.. sessions.Zip(own).SelectMany(s => all.Except(s.Second).Select(id => (s.First, id)))];
    }

    /// <summary>The other tenant's auditor, with a signature that doesn't fit.</summary>
    private Rest Forged()
    {
        var token = archive.Other.Auditor.Token;
        var at = token.Length / 2;
        var changed = token[at] == 'A' ? 'B' : 'A';
        return new(() => archive.Doors, $"{token[..at]}{changed}{token[(at + 1)..]}");
    }
}

/// <summary>Tenants "one" and "other"; of one, an auditor and the user una.</summary>
public sealed class TwoTenantsArchive : EmbeddedArchive
{
    public Tenant One { get; private set; } = null!;
    public Tenant Other { get; private set; } = null!;
    public Rest User { get; private set; } = null!;

    public byte[] Shared { get; } = Eml.Of("to all", "gemeinsamwort und mehr");

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        One = await CreateTenantAsync("one");
        Other = await CreateTenantAsync("other");
        User = await CreateUserAsync("one", "una", "user", "una@one.example");
        await One.SendAsync(
            Shared, Eml.Of("to una", "fuer una", to: "Una@One.example"),
            Eml.Of("from una", "von una", from: "una@one.example"),
            Eml.Of("cc to una", "kopie", more: "Cc: \"U\" <una@one.example>"), Eml.Of("board", "nurvorstand una"),
            Eml.Of("alike", "aehnlich", to: "una@one.example.evil.example, xuna@one.example"));
        await Other.SendAsync(
            Shared,
            Eml.Of("other secret", "nurander geheimnis", from: "geheim@other.example",
                more: "Message-ID: <other-1@x.example>"),
            Eml.Of("names una", "nurander", to: "una@one.example"));
        await One.Auditor.DrainedAsync(6);
        await Other.Auditor.DrainedAsync(3);
    }
}
