using System.Text;
using AMA.Adapters.Hosting.Tls;
using AMA.Adapters.Local;
using AMA.Archive.Access;
using AMA.Archive.Ids;
using AMA.Archive.Keys;
using AMA.Gateway.Smtp.Link;
using AMA.Gateway.Smtp.Protocol;
using AMA.Grains.Interfaces.Archive;
using AMA.Tests.Unit.Core.Archive.Blobs;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace AMA.Tests.Unit.Gateway.Smtp;

public sealed class GatewayLinkTests : IAsyncDisposable
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));
    private readonly SeededIds _random = new(5);
    private readonly FakeBackEnd _backEnd;
    private readonly GatewayStanding _standing;
    private readonly PeerCredentials _credentials;
    private readonly GatewayLink _link;

    public GatewayLinkTests()
    {
        _backEnd = new FakeBackEnd(_time.GetUtcNow());
        _credentials = new PeerCredentials(Region.Eu, _time);
        Show(_backEnd.Papers());
        _standing = new GatewayStanding(TimeSpan.FromSeconds(120), _time);
        _link = new GatewayLink(
            _backEnd, _standing, new GatewayOwn(_credentials, new PapersFile(null, null)), new Backoff(_random, _time),
            NullLogger<GatewayLink>.Instance);
    }

    [Fact]
    public async Task FirstDocuments_OpenTheGateway()
    {
        Assert.Equal(RecipientVerdict.NotNow, Find("journal@one.example"));
        Script(_ => _backEnd.Documents(1, "journal@one.example"));
        await _link.StartAsync(default);
        await _standing.Ready;
        Assert.Equal(RecipientVerdict.Known, Find("Journal@One.example"));
        Assert.Equal(RecipientVerdict.Unknown, Find("other@one.example"));
        Assert.Equal(2ul, _standing.QueueKeyAt(_time.GetUtcNow())!.KeyId); // the newest that is valid already
        Assert.NotNull(_standing.Identity);
    }

    [Fact]
    public async Task NewerDocuments_ReplaceOlderOnes_AndTheVersionIsAcknowledged()
    {
        var asked = new List<long>();
        Script(known => Note(asked, known), _ => _backEnd.Documents(1, "a@one.example"),
            known => Note(asked, known), _ => _backEnd.Documents(5, "b@one.example"), known => Note(asked, known));
        await _link.StartAsync(default);
        await UntilAsync(() => asked.Count == 3);
        Assert.Equal([0, 1, 5], asked);
        Assert.Equal(RecipientVerdict.Unknown, Find("a@one.example"));
        Assert.Equal(RecipientVerdict.Known, Find("b@one.example"));
    }

    [Theory]
    [InlineData("forged")]
    [InlineData("swapped")]
    [InlineData("foreign")]
    [InlineData("older")]
    [InlineData("noise")]
    public async Task DocumentsThatControlDidNotSignForUs_ChangeNothing(string kind)
    {
        using var forger = Secret.Random(_random);
        var asked = new List<long>();
        Script(
            _ => _backEnd.Documents(3, "good@one.example"),
            _ => kind switch
            {
                "forged" => _backEnd.Documents(4, "bad@one.example", forger),
                "swapped" => _backEnd.Documents(4, "bad@one.example", swapped: true),
                "foreign" => _backEnd.Documents(4, "bad@one.example", region: Region.Us),
                "older" => _backEnd.Documents(2, "bad@one.example"),
                _ => new RelayedDocuments(4, [1, 2, 3], [4]),
            },
            known => Note(asked, known));
        await _link.StartAsync(default);
        await UntilAsync(() => asked.Count == 1, advance: true);
        Assert.Equal([3], asked);
        Assert.Equal(RecipientVerdict.Known, Find("good@one.example"));
        Assert.Equal(RecipientVerdict.Unknown, Find("bad@one.example"));
    }

    [Fact]
    public async Task BackEndAway_WhatIsKnownStays_AndUnknownIsNoVerdictAfterAWhile()
    {
        var calls = 0;
        _backEnd.OnNext = _ => calls++ == 0
            ? Task.FromResult<RelayedDocuments?>(_backEnd.Documents(1, "journal@one.example"))
            : throw new TimeoutException("the cluster is away");
        await _link.StartAsync(default);
        await _standing.Ready;
        Assert.Equal(RecipientVerdict.Unknown, Find("other@one.example"));
        _time.Advance(TimeSpan.FromSeconds(121));
        await UntilAsync(() => calls > 3, advance: true);
        Assert.Equal(RecipientVerdict.Known, Find("journal@one.example"));
        Assert.Equal(RecipientVerdict.NotNow, Find("other@one.example"));
    }

    [Fact]
    public async Task WithoutPapers_ItWaitsForThem()
    {
        var credentials = new PeerCredentials(Region.Eu, _time);
        Script(_ => _backEnd.Documents(1, "journal@one.example"));
        using var link = new GatewayLink(
            _backEnd, _standing, new GatewayOwn(credentials, new PapersFile(null, null)), new Backoff(_random, _time), NullLogger<GatewayLink>.Instance);
        await link.StartAsync(default);
        for (var i = 0; i < 20; i++) _time.Advance(TimeSpan.FromMilliseconds(100));
        Assert.Null(_standing.Identity);
        var papers = _backEnd.Papers();
        credentials.Set(papers, papers.Authorities, []);
        await UntilAsync(() => _standing.Ready.IsCompleted, advance: true);
        await link.StopAsync(default);
    }

    [Fact]
    public async Task KeptDocuments_OpenTheGatewayWithoutABackEnd_AndRefuseNobody()
    {
        var folder = Directory.CreateTempSubdirectory("ama-papers-");
        var kept = new GatewayOwn(_credentials, new PapersFile(folder.FullName, new DurableFiles()));
        var documents = _backEnd.Documents(3, "journal@one.example");
        kept.Kept.Write(documents.Directory, documents.QueueKeys);
        _backEnd.Ready = new TaskCompletionSource().Task;
        using var link = new GatewayLink(
            _backEnd, _standing, kept, new Backoff(_random, _time), NullLogger<GatewayLink>.Instance);
        await link.StartAsync(default);
        await _standing.Ready;
        Assert.Equal(RecipientVerdict.Known, Find("journal@one.example"));
        Assert.Equal(RecipientVerdict.NotNow, Find("other@one.example"));
        Assert.NotNull(_standing.Identity);
        await link.StopAsync(default);
        folder.Delete(recursive: true);
    }

    [Fact]
    public void KeptDocuments_OfAnotherSigner_AreNone()
    {
        using var forger = Secret.Random(_random);
        var folder = Directory.CreateTempSubdirectory("ama-papers-");
        var file = new PapersFile(folder.FullName, new DurableFiles());
        var documents = _backEnd.Documents(3, "journal@one.example", forger);
        file.Write(documents.Directory, documents.QueueKeys);
        Assert.Null(file.Read(_credentials.Papers.SigningKey));
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task NewPapers_SignFromThenOn()
    {
        using var news = new SemaphoreSlim(1);
        var version = 0;
        _backEnd.OnNext = async _ =>
        {
            await news.WaitAsync();
            return _backEnd.Documents(++version, "journal@one.example");
        };
        await _link.StartAsync(default);
        await _standing.Ready;
        var first = _standing.Identity;
        var renewed = _backEnd.Papers();
        Show(renewed);
        news.Release();
        await UntilAsync(() => _standing.Identity != first);
        Assert.Same(renewed.Certificate, _standing.Identity!.Certificate);
    }

    [Fact]
    public async Task Hint_WakesTheReader_AndItsFailureIsNobodysBusiness()
    {
        var hint = new SpoolReaderHint(
            _backEnd, new GatewayLinkSettings(Region.Eu), NullLogger<SpoolReaderHint>.Instance);
        hint.SegmentStored();
        _backEnd.WakeFault = new TimeoutException("the cluster is away");
        hint.SegmentStored();
        _backEnd.Ready = new TaskCompletionSource().Task;
        hint.SegmentStored();
        await Task.CompletedTask;
        Assert.Equal(2, _backEnd.Woken);
    }

    public async ValueTask DisposeAsync()
    {
        await _link.StopAsync(default);
        _link.Dispose();
        _backEnd.Dispose();
    }

    private void Show(PeerPapers papers) => _credentials.Set(papers, papers.Authorities, []);

    private RecipientVerdict Find(string address)
    {
        PathParser.Parse(Encoding.UTF8.GetBytes($"<{address}>"), out var path, out _);
        return _standing.Find(path).Verdict;
    }

    /// <summary>Answers of the relay in order; then silence.</summary>
    private void Script(params Func<long, RelayedDocuments?>[] answers)
    {
        var next = new Queue<Func<long, RelayedDocuments?>>(answers);
        _backEnd.OnNext = known => next.TryDequeue(out var answer)
            ? Task.FromResult(answer(known))
            : new TaskCompletionSource<RelayedDocuments?>().Task;
    }

    private static RelayedDocuments? Note(List<long> asked, long known)
    {
        asked.Add(known);
        return null;
    }

    private async Task UntilAsync(Func<bool> holds, bool advance = false)
    {
        using var limit = new CancellationTokenSource(RawClient.WaitMax);
        while (!holds())
        {
            limit.Token.ThrowIfCancellationRequested();
            if (advance) _time.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Yield();
        }
    }
}
