using System.CommandLine;
using System.Text.Json.Nodes;
using AMA.Gateway.Cli;
using Xunit;

namespace AMA.Tests.Unit.Gateway.Cli;

public sealed class UsageTests
{
    [Theory]
    [InlineData("")]
    [InlineData("frobnicate")]
    [InlineData("get")]
    [InlineData("search --limit 0")]
    [InlineData("search --limit 101")]
    [InlineData("search --limit many")]
    [InlineData("search --frob x")]
    [InlineData("status --timeout 0")]
    [InlineData("tenant create acme")]
    [InlineData("user create eve --tenant acme --role king")]
    [InlineData("send x.eml")]
    [InlineData("send x.eml --to a@b --connections 65")]
    [InlineData("send x.eml --to a@b --retries -1")]
    [InlineData("send x.eml --to a@b --resume")]
    [InlineData("send x.eml --to a@b --insecure --ca x.pem")]
    [InlineData("send no-such-file.eml --to a@b")]
    [InlineData("search x --server-url ftp://127.0.0.1")]
    [InlineData("login --tenant acme --user eve")] // no terminal to ask on
    public async Task WrongUsage_Exits2_WithAHint(string line)
    {
        using var ama = new CommandUnderTest();
        ama.Variables["AMA_TOKEN"] = "token";
        Assert.Equal(2, await ama.RunAsync(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)));
        Assert.Equal("", ama.Out);
        Assert.StartsWith("ama: ", ama.Error);
        Assert.DoesNotContain("   at ", ama.Error);
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("send --help")]
    [InlineData("tenant create --help")]
    [InlineData("--version")]
    public async Task Help_Exits0(string line)
    {
        using var ama = new CommandUnderTest();
        Assert.Equal(0, await ama.RunAsync(line.Split(' ')));
        Assert.NotEqual("", ama.Out);
    }

    [Fact]
    public async Task Help_DocumentsEveryExitCode()
    {
        using var ama = new CommandUnderTest();
        await ama.RunAsync("--help");
        foreach (var code in Enum.GetValues<ExitCode>()) Assert.Contains($"\n    {(int)code}  ", ama.Out);
    }

    [Fact]
    public void EveryVerbAndOption_IsDescribed()
    {
        var root = AmaCommand.Define(new(), AnySurroundings());
        foreach (var command in All(root))
        {
            Assert.False(string.IsNullOrEmpty(command.Description), command.Name);
            Assert.All(command.Options, option => Assert.False(string.IsNullOrEmpty(option.Description), option.Name));
            Assert.All(command.Arguments, argument => Assert.NotNull(argument.Description));
        }
        Assert.True(All(root).Count() > 10);
    }

    /// <summary>Whatever a command line holds, every user of the machine can read.</summary>
    [Fact]
    public void NothingSecret_IsTakenFromTheCommandLine()
    {
        var secrets = All(AmaCommand.Define(new(), AnySurroundings())).SelectMany(command => command.Options)
            .Where(option => option.Name.Contains("password") || option.Name.Contains("token")
                || option.Name.Contains("secret"));
        Assert.All(secrets, option => Assert.True(
            option.Name.EndsWith("-file") || option.Name.EndsWith("-stdin"), option.Name));
    }

    [Fact]
    public async Task Json_ErrorsAreJsonOnStandardError()
    {
        using var ama = new CommandUnderTest();
        Assert.Equal(3, await ama.RunAsync("search", "x", "--json"));
        var error = JsonNode.Parse(ama.Error)!;
        Assert.Equal(3, (int)error["exitCode"]!);
        Assert.Equal("Nobody is signed in.", (string)error["error"]!);
        Assert.Contains("ama login", (string)error["advice"]!);
        Assert.Equal("", ama.Out);
    }

    [Theory]
    [InlineData("http://192.0.2.1:8080")]
    [InlineData("http://archive.test")]
    [InlineData("http://localhost.evil.test")]
    public async Task Threat_40_PlainHttpToAnotherMachine_IsRefusedBeforeAPasswordIsSent(string server)
    {
        using var ama = new CommandUnderTest { Input = "password" };
        Assert.Equal(2, await ama.RunAsync(
            "login", "--tenant", "acme", "--user", "eve", "--password-stdin", "--server-url", server));
        Assert.Contains("plain HTTP", ama.Error);
    }

    [Fact]
    public async Task ServerAway_Exits4()
    {
        using var ama = new CommandUnderTest();
        ama.Variables["AMA_TOKEN"] = "token";
        Assert.Equal(4, await ama.RunAsync("search", "x", "--server-url", "http://127.0.0.1:1"));
        Assert.Contains("cannot be reached", ama.Error);
    }

    [Fact]
    public async Task AnArgumentBeginningWithAt_IsNoFileToRead()
    {
        using var ama = new CommandUnderTest();
        var secret = ama.WriteFile("secret", "canary");
        await ama.RunAsync("get", "@" + secret);
        Assert.DoesNotContain("canary", ama.Error);
    }

    private static IEnumerable<Command> All(Command command) => command.Subcommands.SelectMany(All).Prepend(command);

    private static Surroundings AnySurroundings() => Surroundings.OfThisProcess();
}
