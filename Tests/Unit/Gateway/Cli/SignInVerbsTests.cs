using System.Text.Json.Nodes;
using AMA.Grains.Interfaces.Control;
using AMA.Tests.Unit.Gateway.Web;
using Xunit;

namespace AMA.Tests.Unit.Gateway.Cli;

public sealed class SignInVerbsTests : IAsyncLifetime
{
    private readonly CommandUnderTest _ama = new();
    private GatewayUnderTest _gateway = null!;

    public async ValueTask InitializeAsync()
    {
        _gateway = await GatewayUnderTest.StartAsync();
        _ama.Variables["AMA_URL"] = _gateway.Http.BaseAddress!.ToString();
    }

    public async ValueTask DisposeAsync()
    {
        _ama.Dispose();
        await _gateway.DisposeAsync();
    }

    [Fact]
    public async Task Login_AsksForTheCode_OnlyWhenItIsNeeded()
    {
        _gateway.Clusters.Control.FailureOnce = new ControlException(ControlRefusal.SecondFactorRequired, "code");
        _ama.Input = "password\n123456\n";
        Assert.Equal(0, await LoginAsync());
        Assert.Equal([null, "123456"], _gateway.Clusters.Control.Shown.Select(shown => shown.Code));
    }

    [Fact]
    public async Task Login_ChangesAOneTimePassword_AndGoesOn()
    {
        _gateway.Clusters.Control.FailureOnce = new ControlException(ControlRefusal.PasswordChangeRequired, "change");
        _ama.Input = "one-time\na password of my own\n";
        Assert.Equal(0, await LoginAsync());
        Assert.Equal(
            ["one-time", "one-time", "a password of my own"],
            _gateway.Clusters.Control.Shown.Select(shown => shown.Password));
    }

    [Fact]
    public async Task Login_EnrolsASecondFactor_ShowsItAndTheRecoveryCodes()
    {
        _gateway.Clusters.Control.FailureOnce = new ControlException(ControlRefusal.EnrolmentRequired, "enrol");
        _ama.Input = "password\n123456\n";
        Assert.Equal(0, await LoginAsync());
        Assert.Contains("secret   SECRET", _ama.Error);
        Assert.Contains("otpauth://", _ama.Error);
        Assert.Contains("aaaaa-bbbbb-ccccc", _ama.Out);
        Assert.Contains("\"token\":\"session\"", File.ReadAllText(_ama.SessionPath));
    }

    [Fact]
    public async Task WrongPassword_EndsWith3_AndAsksNothingMore()
    {
        _gateway.Clusters.Control.Failure = new ControlException(ControlRefusal.NotAuthorised, "wrong");
        _ama.Input = "password\n";
        Assert.Equal(3, await LoginAsync());
        Assert.Single(_gateway.Clusters.Control.Shown);
    }

    [Fact]
    public async Task TokenAboutToEnd_IsRenewedWithoutAWord_AndKept()
    {
        _gateway.Clusters.Control.ExpiresAt = new(2026, 12, 1, 9, 0, 20, TimeSpan.Zero);
        _ama.Input = "password\n";
        Assert.Equal(0, await LoginAsync());
        _gateway.Clusters.Control.ExpiresAt = new(2026, 12, 1, 9, 15, 0, TimeSpan.Zero);
        _gateway.Clusters.Control.Renewal = "acme.7.next";
        await _ama.RunAsync("session", "list");
        Assert.Contains("acme.7.renewal", _gateway.Clusters.Control.OperatorTokens);
        var kept = JsonNode.Parse(File.ReadAllText(_ama.SessionPath))!;
        Assert.Equal("2026-12-01T09:15:00+00:00", (string)kept["expiresAt"]!);
        Assert.Equal("acme.7.next", (string)kept["renewal"]!); // the one before is used up
    }

    [Fact]
    public async Task SessionThatRenewsNoMore_Exits3AndSaysHowToGoOn()
    {
        _gateway.Clusters.Control.ExpiresAt = new(2026, 12, 1, 9, 0, 20, TimeSpan.Zero);
        _ama.Input = "password\n";
        Assert.Equal(0, await LoginAsync());
        _gateway.Clusters.Control.Failure = new ControlException(ControlRefusal.NotAuthorised, "over");
        Assert.Equal(3, await _ama.RunAsync("session", "list"));
        Assert.Contains("ama login --tenant acme --user eve", _ama.Error);
    }

    [Theory]
    [InlineData("user disable eve --tenant acme", """{"disabled":true}""")]
    [InlineData("user enable eve --tenant acme", """{"disabled":false}""")]
    [InlineData("user role eve auditor --tenant acme", """{"role":"auditor"}""")]
    public async Task UserVerbs_ChangeWhatTheySay_AndNothingElse(string command, string change)
    {
        _ama.WriteOperatorToken("token");
        Assert.Equal(0, await _ama.RunAsync(command.Split(' ')));
        var (user, made) = Assert.Single(_gateway.Clusters.Control.Users.Changes);
        var wanted = JsonNode.Parse(change)!.AsObject();
        Assert.Equal(("eve", (bool?)wanted["disabled"], (string?)wanted["role"], (string[]?)null),
            (user, made.Disabled, made.Role, made.Addresses));
    }

    [Theory]
    [InlineData("user list --tenant acme", "eve  auditor  (second factor)")]
    [InlineData("user reset-password eve --tenant acme", "password made-once")]
    [InlineData("user approve eve --tenant acme", "security-officer-tenant")]
    [InlineData("user remove eve --tenant acme", "Removed.")]
    [InlineData("tenant second-factor everybody --tenant acme", "everybody")]
    public async Task UserVerbs_SayWhatCameOfIt(string command, string said)
    {
        _ama.WriteOperatorToken("token");
        Assert.Equal(0, await _ama.RunAsync(command.Split(' ')));
        Assert.Contains(said, _ama.Out);
    }

    [Theory]
    [InlineData("passwd", "old\nnew password\n", "is changed")]
    [InlineData("totp remove", "password\n", "is removed")]
    [InlineData("totp recovery-codes", "password\n", "ddddd-eeeee-fffff")]
    [InlineData("totp enrol", "password\n123456\n", "aaaaa-bbbbb-ccccc")]
    public async Task OwnAccountVerbs_AskForThePassword(string command, string input, string said)
    {
        _ama.Input = input;
        string[] who = ["--tenant", "acme", "--user", "eve", "--password-stdin"];
        Assert.Equal(0, await _ama.RunAsync([.. command.Split(' '), .. who]));
        Assert.Contains(said, _ama.Out);
        Assert.DoesNotContain("password\n", _ama.Out);
    }

    private Task<int> LoginAsync() =>
        _ama.RunAsync("login", "--tenant", "acme", "--user", "eve", "--password-stdin");
}
