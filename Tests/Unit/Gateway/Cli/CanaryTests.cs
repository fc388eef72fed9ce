using System.Text;
using System.Text.Json.Nodes;
using AMA.Grains.Interfaces.Archive;
using AMA.Tests.Unit.Gateway.Web;
using Xunit;

namespace AMA.Tests.Unit.Gateway.Cli;

public sealed class CanaryTests : IAsyncLifetime
{
    private const string Receipt = "2htrx4gleq44uh36eys5zt3odiaaaaad";

    private readonly CommandUnderTest _ama = new();
    private readonly FakeSmtp _server = new();
    private GatewayUnderTest _gateway = null!;

    public async ValueTask InitializeAsync()
    {
        _gateway = await GatewayUnderTest.StartAsync();
        _ama.Variables["AMA_URL"] = _gateway.Http.BaseAddress!.ToString();
        _ama.Variables["AMA_TOKEN"] = Tokens.Session(new Guid(1, 2, 3, new byte[8]));
        _server.Reply = _ => $"250 2.0.0 {Receipt}";
    }

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _server.DisposeAsync();
        _ama.Dispose();
    }

    [Fact]
    public async Task Canary_IsMarked_AndItsTimesAreTold()
    {
        _gateway.Clusters.Received.Known = new() { State = ReceiptState.Archived };
        _gateway.Clusters.Archive.Page = new([], 1, null);
        Assert.Equal(0, await FlyAsync("--json", "--from", "canary@acme.example"));
        var json = JsonNode.Parse(_ama.Out)!;
        var id = (string)json["canary"]!;
        Assert.Equal((Receipt, true), ((string)json["receipt"]!, (bool)json["arrived"]!));
        Assert.NotNull(json["archivedSeconds"]);
        var message = Encoding.ASCII.GetString(Assert.Single(_server.Messages));
        Assert.Contains($"\r\nX-AMA-Canary: {id}\r\n", message);
        Assert.Contains($"\r\nMessage-ID: <{id}@canary.ama.invalid>\r\n", message);
        Assert.Contains("\r\nAuto-Submitted: auto-generated\r\n", message);
        Assert.Equal([id], _gateway.Clusters.Archive.Searches.Select(search => search.Query));
    }

    [Fact]
    public async Task CanaryThatDoesNotArrive_Exits1_InTime_AndSaysWhatToDo()
    {
        _gateway.Clusters.Received.Known = new() { State = ReceiptState.Accepted, WaitsFor = "lease" };
        Assert.Equal(1, await FlyAsync("--timeout", "3"));
        Assert.Contains($"'ama receipt {Receipt}'", _ama.Error);
        Assert.Equal(1, await FlyAsync("--timeout", "3", "--quiet"));
        Assert.Matches("^canary [0-9a-f]{32} did not arrive in 3 s: accepted 0.000 s, archived no\n$", _ama.Out);
        Assert.Equal("", _ama.Error);
    }

    [Fact]
    public async Task RefusedCanary_Exits1_AndASourceThatIsNoneIsToldHowToSignIn()
    {
        _server.Reply = _ => "530 5.7.0 Authentication required";
        Assert.Equal(1, await FlyAsync());
        Assert.Contains("AMA_SMTP_USER", _ama.Error);
    }

    [Fact]
    public async Task ViaAnotherServer_ItIsNotShownTheArchivesPassword_AndSearchAloneDecides()
    {
        _ama.Variables["AMA_SMTP_USER"] = "acme.abcd";
        _ama.Variables["AMA_SMTP_PASSWORD"] = "of the archive";
        _server.Reply = _ => "250 2.0.0 Ok: queued as 4gRzFm05YzKz3j1";
        _gateway.Clusters.Archive.Page = new([], 1, null);
        Assert.Equal(0, await _ama.RunAsync("canary", "--to", "ada@acme.example", "--via", _server.Address, "--implicit-tls",
            "--tls-fingerprint", _server.Fingerprint, "--quiet"));
        Assert.Matches("^canary [0-9a-f]{32} arrived: accepted ", _ama.Out);
        Assert.Empty(_gateway.Clusters.Received.Asked);
    }

    private Task<int> FlyAsync(params string[] more) => _ama.RunAsync(["canary", "--to", "journal@acme.example",
        "--server", _server.Address, "--implicit-tls", "--tls-fingerprint", _server.Fingerprint, .. more]);
}
