using System.Text.Json;
using System.Text.RegularExpressions;
using AMA.Adapters.Local;
using AMA.Gateway.Cli;
using AMA.Silo.Embedded.Demo;
using AMA.Tests.Cluster.Control.SignIn;
using AMA.Tests.Cluster.EndToEnd.World;
using Xunit;

namespace AMA.Tests.Cluster.EndToEnd;

/// <summary>The README's tour, command by command, as it stands there.</summary>
public sealed partial class TourTests(EmbeddedArchive archive) : IClassFixture<EmbeddedArchive>
{
    private const string ChosenPassword = "a password of the admin's own";

    private readonly StringWriter _out = new();
    private readonly StringWriter _error = new();
    private Match _source = null!;

    [Fact]
    public async Task EveryCommandOfTheTour_DoesWhatItSays()
    {
        var demo = new StringWriter();
        await DemoArchive.RunAsync(archive.Host, demo, CancellationToken.None);
        _source = SourceLine().Match(demo.ToString());
        Assert.True(_source.Success, demo.ToString());
        var mail = Directory.CreateDirectory(archive.Folder.At("Mail"));
        await File.WriteAllTextAsync(Path.Combine(mail.FullName, "1.eml"), "Subject: a tour\r\n\r\nHello.\r\n");
        var (id, oneTime) = ("", "");
        var commands = Commands().ToArray();
        Assert.True(commands.Length >= 9, "the README's tour was not found");
        foreach (var command in commands)
        {
            Queue<Func<string>> answers = command.Contains("--user auditor", StringComparison.Ordinal)
                ? new([() => Password().Match(demo.ToString()).Groups[1].Value])
                : new([() => oneTime, () => ChosenPassword, FirstCode]);
            await RunAsync(command.Replace("ID", id, StringComparison.Ordinal), answers);
            if (command.StartsWith("search", StringComparison.Ordinal)) id = _out.ToString()[..32];
            if (command.StartsWith("user create admin", StringComparison.Ordinal))
                oneTime = Password().Match(_out.ToString()).Groups[1].Value;
        }
        Assert.True(new FileInfo(archive.Folder.At("message.eml")).Length > 0);
        await RunAsync("user list --json", new());
        var users = JsonDocument.Parse(_out.ToString()).RootElement.GetProperty("items");
        Assert.Equal(["admin", "auditor"], users.EnumerateArray().Select(user => user.GetProperty("user").GetString()));
        await RunAsync("session list", new());
        Assert.Contains("(this one)", _out.ToString(), StringComparison.Ordinal);
        await RunAsync("logout", new());
        Assert.False(File.Exists(archive.Folder.At("session.json")));
    }

    /// <summary>What the enrolment showed, put into an app.</summary>
    private string FirstCode() => Authenticator.Code(
        SecretLine().Match(_error.ToString()).Groups[1].Value, TimeProvider.System.GetUtcNow());

    private static IEnumerable<string> Commands()
    {
        var tour = File.ReadAllText(Readme()).Split("## A quick tour")[1].Split("\n## ")[0];
        return tour.Split('\n').Where(line => line.StartsWith("ama ", StringComparison.Ordinal))
            .Select(line => Remark().Replace(line["ama ".Length..], "").Trim());
    }

    private async Task RunAsync(string command, Queue<Func<string>> answers)
    {
        _out.GetStringBuilder().Clear();
        _error.GetStringBuilder().Clear();
        string[] arguments =
        [
            .. Word().Matches(command).Select(word => word.Groups[1].Success ? word.Groups[1].Value : word.Value)
                .Select(word => word is "Mail/" or "message.eml" ? archive.Folder.At(word.TrimEnd('/')) : word),
        ];
        if (arguments[0] == "login") arguments = [.. arguments, "--password-stdin"];
        var code = await AmaCommand.RunAsync(arguments, Surroundings.OfThisProcess() with
        {
            Out = _out, Error = _error, In = new Answers(answers), Variable = Variable, InIsTerminal = false,
            OutIsTerminal = false, ErrorIsTerminal = false, Random = SystemRandom.Instance,
        });
        Assert.True(code == 0, $"ama {command} ended with {code}: {_error}{_out}");
    }

    private string? Variable(string name) => name switch
    {
        "AMA_SMTP_USER" => _source.Groups[1].Value,
        "AMA_SMTP_PASSWORD" => _source.Groups[2].Value,
        "AMA_URL" => archive.Doors.Web.ToString(),
        "AMA_SMTP" => $"127.0.0.1:{archive.Doors.StartTlsPort}",
        "AMA_DATA_DIRECTORY" => archive.Folder.Path,
        "AMA_CONFIG" => archive.Folder.At("session.json"),
        _ => null,
    };

    private static string Readme()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "AMA.sln"))) folder = folder.Parent;
        return Path.Combine(folder.FullName, "README.md");
    }

    [GeneratedRegex(@"  password\s+(\S+)")] private static partial Regex Password();
    [GeneratedRegex(@"  secret\s+(\S+)")] private static partial Regex SecretLine();
    [GeneratedRegex(@"AMA_SMTP_USER=(\S+) AMA_SMTP_PASSWORD=(\S+)")] private static partial Regex SourceLine();
    [GeneratedRegex(@"\s+#.*$")] private static partial Regex Remark();
    [GeneratedRegex(@"'([^']*)'|\S+")] private static partial Regex Word();

    private sealed class Answers(Queue<Func<string>> lines) : TextReader
    {
        public override string? ReadLine() => lines.TryDequeue(out var line) ? line() : null;
    }
}
