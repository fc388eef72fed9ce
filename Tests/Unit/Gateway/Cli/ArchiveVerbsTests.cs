using System.Text;
using System.Text.Json.Nodes;
using AMA.Grains.Interfaces.Archive;
using AMA.Grains.Interfaces.Control;
using AMA.Tests.Unit.Gateway.Web;
using Xunit;

namespace AMA.Tests.Unit.Gateway.Cli;

/// <summary>The verbs against the real REST gateway, behind which the clusters are fakes.</summary>
public sealed class ArchiveVerbsTests : IAsyncLifetime
{
    private static readonly Guid Tenant = new("11111111222233334444555555555555");
    private readonly CommandUnderTest _ama = new();
    private GatewayUnderTest _gateway = null!;

    public async ValueTask InitializeAsync()
    {
        _gateway = await GatewayUnderTest.StartAsync();
        _ama.Variables["AMA_URL"] = _gateway.Http.BaseAddress!.ToString();
    }

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        _ama.Dispose();
    }

    [Fact]
    public async Task TenantCreate_UsesTheOperatorTokenFile()
    {
        _ama.WriteOperatorToken("the-operator-token");
        Assert.Equal(0, await _ama.RunAsync("tenant", "create", "acme", "--journal", "a@acme.test", "b@acme.test"));
        Assert.Equal(
            "Tenant acme in region eu.\n  journal to a@acme.test\n  journal to b@acme.test\n"
            + "00000000000000000000000000000005  auth  acme.abcd\n  user     acme.abcd\n  password told once\n", _ama.Out);
        Assert.Equal(["the-operator-token"], _gateway.Clusters.Control.OperatorTokens);
    }

    [Fact]
    public async Task TenantCreate_WithoutTokenFile_Exits3AndSaysWhere()
    {
        Assert.Equal(3, await _ama.RunAsync("tenant", "create", "acme", "--journal", "a@acme.test"));
        Assert.Contains("operator.token", _ama.Error);
    }

    [Fact]
    public async Task TenantCreate_Taken_Exits1()
    {
        _ama.WriteOperatorToken("token");
        _gateway.Clusters.Control.Failure = new ControlException(ControlRefusal.Conflict, "There is a tenant acme.");
        Assert.Equal(1, await _ama.RunAsync("tenant", "create", "acme", "--journal", "a@acme.test"));
        Assert.Contains("There is a tenant acme.", _ama.Error);
    }

    [Fact]
    public async Task UserCreate_PasswordFromFile_IsSentAndNotShown()
    {
        _ama.WriteOperatorToken("token");
        var file = _ama.WriteFile("password", "correct horse battery\nsecond line");
        Assert.Equal(0, await _ama.RunAsync("user", "create", "eve", "--tenant", "acme", "--role", "user",
            "--address", "eve@acme.test", "--password-file", file, "--json"));
        var sent = Assert.Single(_gateway.Clusters.Control.NewUsers);
        Assert.Equal(("eve", "user", "correct horse battery"), (sent.User, sent.Role, sent.Password));
        Assert.Equal(["eve@acme.test"], sent.Addresses);
        Assert.Equal("eve", (string)JsonNode.Parse(_ama.Out)!["user"]!);
    }

    [Fact]
    public async Task UserCreate_WithoutPassword_ShowsTheOneMade()
    {
        _ama.WriteOperatorToken("token");
        Assert.Equal(0, await _ama.RunAsync("user", "create", "eve", "--tenant", "acme", "--role", "auditor"));
        Assert.Contains("password made-once", _ama.Out);
    }

    [Fact]
    public async Task Login_KeepsTheSessionForItsOwnerAlone_AndShowsNoToken()
    {
        _ama.Input = "pw-from-input\n";
        _ama.WriteFile("config/session.json", "an old file that anybody could read");
        Assert.Equal(0, await _ama.RunAsync("login", "--tenant", "acme", "--user", "eve", "--password-stdin"));
        Assert.DoesNotContain("session\"", _ama.Out);
        Assert.Contains("\"token\":\"session\"", File.ReadAllText(_ama.SessionPath));
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_ama.SessionPath));
        Assert.Equal(0, await _ama.RunAsync("logout"));
        Assert.False(File.Exists(_ama.SessionPath));
    }

    [Fact]
    public async Task TheTokenOfOneServer_IsNeverSentToAnother()
    {
        WriteSession("http://127.0.0.1:9/", "2027-01-01T00:00:00Z");
        Assert.Equal(3, await _ama.RunAsync("search", "x"));
        Assert.Contains("signed in at http://127.0.0.1:9/", _ama.Error);
        Assert.Empty(_gateway.Clusters.Archive.Searches);
    }

    [Fact]
    public async Task EndedSession_Exits3AndSaysHowToGoOn()
    {
        WriteSession(_gateway.Http.BaseAddress!.ToString(), "2020-01-01T00:00:00Z");
        Assert.Equal(3, await _ama.RunAsync("search", "x"));
        Assert.Contains("ama login --tenant acme --user eve", _ama.Error);
    }

    [Fact]
    public async Task Search_ShowsItemsAndHowToGoOn()
    {
        SignIn();
        _gateway.Clusters.Archive.Page = new([Item("Invoice")], 7, "page2");
        Assert.Equal(0, await _ama.RunAsync("search", "from:anna", "invoice", "--limit", "1"));
        Assert.Equal("""
            0123456789abcdef0123456789abcdef  2026-11-01 10:00Z  Anna <anna@acme.test>
                Invoice  [a.pdf]

            """.ReplaceLineEndings("\n"), _ama.Out);
        Assert.Contains("1 of 7.", _ama.Error);
        Assert.Contains("--cursor page2", _ama.Error);
        Assert.Equal([("from:anna invoice", 1, null)], _gateway.Clusters.Archive.Searches);
    }

    [Fact]
    public async Task Search_AfterTwoDashes_TakesAnyWord()
    {
        SignIn();
        Assert.Equal(0, await _ama.RunAsync("search", "--limit", "5", "--", "--frob", "-x"));
        Assert.Equal([("--frob -x", 5, null)], _gateway.Clusters.Archive.Searches);
    }

    [Fact]
    public async Task Search_TakesTheQueryLanguagesMinus()
    {
        SignIn();
        Assert.Equal(0, await _ama.RunAsync("search", "budget", "-hallo", "-from:ada"));
        Assert.Equal([("budget -hallo -from:ada", 20, null)], _gateway.Clusters.Archive.Searches);
    }

    [Fact]
    public async Task Search_Json_IsOneObjectOfTheApisShape()
    {
        SignIn();
        _gateway.Clusters.Archive.Page = new([Item("x"), Item("y")], 2, null);
        Assert.Equal(0, await _ama.RunAsync("search", "--json"));
        var found = JsonNode.Parse(Encoding.UTF8.GetString(_ama.OutBytes))!;
        Assert.Equal(2, found["items"]!.AsArray().Count);
        Assert.Equal("y", (string)found["items"]![1]!["subject"]!);
        Assert.Equal(2, (int)found["total"]!);
        Assert.Null(found["next"]);
        Assert.Equal("", _ama.Error);
    }

    [Fact]
    public async Task Threat_42_AStrangersSubject_CannotDriveTheTerminal()
    {
        SignIn();
        _gateway.Clusters.Archive.Page = new([Item("x\u001b[2J\u202egnp.exe\r\n0000 forged line\u009b")], 1, null);
        Assert.Equal(0, await _ama.RunAsync("search"));
        Assert.Equal(2, _ama.Out.Count(character => character == '\n'));
        Assert.DoesNotContain(_ama.Out, character => character is '\u001b' or '\u202e' or '\u009b' or '\r');
        Assert.Contains("x\\u001b[2J\\u202egnp.exe 0000 forged line\\u009b", _ama.Out);
    }

    [Theory]
    [InlineData(ArchiveRefusal.NotSignedIn, 3)]
    [InlineData(ArchiveRefusal.NotAllowed, 3)]
    [InlineData(ArchiveRefusal.NotFound, 1)]
    [InlineData(ArchiveRefusal.BadQuery, 2)]
    [InlineData(ArchiveRefusal.Locked, 4)]
    [InlineData(ArchiveRefusal.Unavailable, 4)]
    public async Task Refusals_HaveTheirExitCodes(ArchiveRefusal refusal, int expected)
    {
        SignIn();
        _gateway.Clusters.Archive.Failure = new ArchiveException(refusal, "Said by the archive.");
        Assert.Equal(expected, await _ama.RunAsync("search", "x"));
        Assert.Equal("", _ama.Out);
    }

    [Fact]
    public async Task GetRaw_IsTheBytes()
    {
        SignIn();
        _gateway.Clusters.Archive.Pieces = [[1, 2], [0xff, 0], [13, 10]];
        Assert.Equal(0, await _ama.RunAsync("get", "0123456789abcdef0123456789abcdef", "--raw"));
        Assert.Equal([1, 2, 0xff, 0, 13, 10], _ama.OutBytes);
        var file = Path.Combine(_ama.Folder, "m.eml");
        Assert.Equal(0, await _ama.RunAsync("get", "0123456789abcdef0123456789abcdef", "--raw", "-o", file));
        Assert.Equal([1, 2, 0xff, 0, 13, 10], File.ReadAllBytes(file));
    }

    [Fact]
    public async Task GetRaw_ToATerminal_IsRefused()
    {
        SignIn();
        _ama.OutIsTerminal = true;
        Assert.Equal(2, await _ama.RunAsync("get", "0123456789abcdef0123456789abcdef", "--raw"));
        Assert.Empty(_ama.OutBytes);
    }

    [Fact]
    public async Task GetRaw_BreakingOff_LeavesNoHalfFile()
    {
        SignIn();
        _gateway.Clusters.Archive.Pieces = [new byte[200_000], new byte[200_000], new byte[200_000]];
        _gateway.Clusters.Archive.FailAfterPieces = 2;
        var file = Path.Combine(_ama.Folder, "half.eml");
        Assert.Equal(4, await _ama.RunAsync("get", "0123456789abcdef0123456789abcdef", "--raw", "-o", file));
        Assert.False(File.Exists(file));
    }

    [Fact]
    public async Task Get_ShowsTheMessageSafely()
    {
        SignIn();
        _gateway.Clusters.Archive.View = new(Item("Subject"), [], "line 1\r\nline 2\u001b[0m",
            [new("a.pdf", "application/pdf", 9)], [], ["bare-line-ends"]);
        Assert.Equal(0, await _ama.RunAsync("get", "0123456789abcdef0123456789abcdef"));
        Assert.Contains("Attached: a.pdf (application/pdf, 9 bytes)\n", _ama.Out);
        Assert.Contains("\n\nline 1\nline 2\\u001b[0m\n", _ama.Out);
    }

    [Fact]
    public async Task Status_WaitDrained_PollsUntilAllIsIndexed()
    {
        SignIn();
        var archive = _gateway.Clusters.Archive;
        archive.CountersInTurn.Enqueue(new(9, 5, 0, 0, 4, 4, 1.0, "held", null));
        archive.CountersInTurn.Enqueue(new(9, 9, 0, 0, 8, 0, 0, "held", null));
        archive.Counters = new(9, 9, 0, 0, 9, 0, 0, "held", null);
        Assert.Equal(0, await _ama.RunAsync("status", "--wait-drained", "--json"));
        Assert.Equal(9, (int)JsonNode.Parse(_ama.Out)!["indexed"]!);
        Assert.Equal(2, ((ImpatientTime)_ama.Time).Waits.Count(wait => wait == TimeSpan.FromMilliseconds(500)));
    }

    [Fact]
    public async Task Status_WaitDrained_TimesOutWith1AndSaysWhatIsLeft()
    {
        SignIn();
        _gateway.Clusters.Archive.Counters = new(9, 5, 0, 0, 4, 4, 1.0, "locked", null);
        Assert.Equal(1, await _ama.RunAsync("status", "--wait-drained", "--timeout", "3"));
        Assert.Contains("4 in the spool, 5 archived, 4 indexed, lease locked", _ama.Error);
        Assert.Equal(6, ((ImpatientTime)_ama.Time).Waits.Count(wait => wait == TimeSpan.FromMilliseconds(500)));
    }

    [Fact]
    public async Task Status_OfTheRegion_ForOperators()
    {
        _ama.WriteOperatorToken("token");
        Assert.Equal(0, await _ama.RunAsync("status", "--json"));
        Assert.Equal("region", (string)JsonNode.Parse(_ama.Out)!["lease"]!["state"]!);
    }

    private void WriteSession(string server, string expiresAt) => _ama.WriteFile("config/session.json", $$"""
        {"server":"{{server}}","tenant":"acme","user":"eve","token":"t","expiresAt":"{{expiresAt}}"}
        """);

    private void SignIn() => _ama.Variables["AMA_TOKEN"] = Tokens.Session(Tenant);

    private static MessageItem Item(string subject) => new(
        new("0123456789abcdef0123456789abcdef"), "id@acme.test", subject, "Anna <anna@acme.test>", ["b@acme.test"],
        new(2026, 11, 1, 10, 0, 0, TimeSpan.Zero), new(2026, 11, 1, 10, 0, 1, TimeSpan.Zero), 5, ["a.pdf"]);
}
