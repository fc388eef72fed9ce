using AMA.Adapters.Azure;
using AMA.Archive.Keys;
using AMA.Archive.Keys.Roots;
using AMA.Tests.Unit.Core.Archive.Sealing;
using Azure.Core.Pipeline;
using Azure.Identity;
using Xunit;

namespace AMA.Tests.Unit.Adapters.Azure;

/// <summary>The client alone: sign-in by challenge, throttling, the vault's noes.</summary>
public sealed class KeyVaultKeysTests
{
    private readonly FakeVault _vault = new();
    private readonly FakeCredential _credential = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task FirstRequest_GoesWithoutItsBody_AndAgainWholeAfterTheChallenge()
    {
        await Client().CreateAsync("ama", Cancel);
        Assert.Equal([("", null), ("body", FakeVault.GoodToken)], _vault.Requests.Select(
            request => (request.Body.Length > 0 ? "body" : "", request.Token)));
        var asked = Assert.Single(_credential.Asked);
        Assert.Equal(["https://vault.azure.net/.default"], asked.Scopes);
        Assert.Equal("the-tenant", asked.TenantId);
        Assert.True(asked.IsCaeEnabled);
    }

    [Fact]
    public async Task LaterRequests_AreSignedAtOnce_WithTheSameToken()
    {
        var client = Client();
        var key = await client.CreateAsync("ama", Cancel);
        Assert.Equal(key, await client.GetAsync("ama", Cancel));
        Assert.Equal(3, _vault.Requests.Count);
        Assert.Single(_credential.Asked);
    }

    [Fact]
    public async Task ManagedHsm_IsAskedForItsOwnResource()
    {
        using var hsm = new FakeVault(FakeVault.ManagedHsm);
        var client = new KeyVaultKeys(
            new Uri($"https://{FakeVault.ManagedHsm}"), _credential, new KeyVaultOptions { Transport = hsm.Transport });
        var key = await client.CreateAsync("ama", Cancel);
        Assert.Equal(key, await client.GetAsync("ama", Cancel));
        Assert.Equal(["https://managedhsm.azure.net/.default"], _credential.Asked.Single().Scopes);
    }

    [Theory]
    [InlineData("https://vault.example")]
    [InlineData("https://uiet.vault.azure.net")]
    [InlineData("https://quiet.vault.azure.net")]
    public async Task Threat_38_HostThatAsksForAnothersToken_GetsNone(string resource)
    {
        _vault.Resource = resource;
        var fault = await Assert.ThrowsAsync<KeyRootException>(() => Client().CreateAsync("ama", Cancel));
        Assert.Equal(KeyRootFault.Misconfigured, fault.Fault);
        Assert.Contains("AMA:Control:KeyVault:Uri", fault.Message);
        Assert.Empty(_credential.Asked);
        Assert.DoesNotContain(_vault.Requests, request => request.Body.Length > 0 || request.Token is not null);
    }

    [Fact]
    public async Task ClaimsChallenge_IsAnsweredWithOneMoreRound()
    {
        var client = Client();
        await client.CreateAsync("ama", Cancel);
        _vault.WantsClaims = true;
        await client.CreateAsync("ama", Cancel);
        Assert.Equal([null, FakeVault.Claims], _credential.Asked.Select(asked => asked.Claims));
        Assert.All(_credential.Asked, asked => Assert.Equal("https://vault.azure.net/.default", asked.Scopes[0]));
        Assert.Equal([true, true], _vault.Requests.Skip(2).Select(request => request.Body.Length > 0));
    }

    [Fact]
    public async Task ClaimsOnTheVeryFirstCall_AreAnsweredToo()
    {
        _vault.WantsClaims = true;
        await Client().CreateAsync("ama", Cancel);
        Assert.Equal([null, FakeVault.GoodToken, FakeVault.ClaimsToken], _vault.Requests.Select(seen => seen.Token));
    }

    [Fact]
    public async Task ManyFirstRequestsAtOnce_EachSendTheirOwnBody()
    {
        var setup = Client();
        var key = await setup.CreateAsync("ama", Cancel);
        var client = Client(); // knows no challenge yet
        await Parallel.ForEachAsync(Enumerable.Range(0, 16), Cancel, async (caller, cancel) =>
        {
            using var secret = Secret.Random(new SeededRandom(caller));
            var wrapped = await client.WrapAsync("ama", key.Version, secret, cancel);
            using var opened = await client.UnwrapAsync("ama", key.Version, wrapped, cancel);
            Assert.Equal(secret.Span.ToArray(), opened.Span.ToArray());
        });
    }

    [Fact]
    public async Task Throttled_IsTriedAgainAsTheVaultSays()
    {
        for (var refusal = 0; refusal < 2; refusal++)
        {
            var throttled = FakeVault.Error(429, "Throttled");
            throttled.Headers.Add("x-ms-retry-after-ms", "5");
            _vault.Next.Enqueue(throttled);
        }
        await Client().CreateAsync("ama", Cancel);
        Assert.Equal(["", "body", "body", "body"], _vault.Requests.Select(seen => seen.Body.Length > 0 ? "body" : ""));
    }

    [Fact]
    public async Task RetryAfterInSeconds_IsWaitedFor()
    {
        var throttled = FakeVault.Error(429, "Throttled");
        throttled.Headers.Add("Retry-After", "1");
        _vault.Next.Enqueue(throttled);
        var start = TimeProvider.System.GetTimestamp();
        await Client().CreateAsync("ama", Cancel);
        Assert.True(TimeProvider.System.GetElapsedTime(start).TotalSeconds >= 0.9);
    }

    [Theory]
    [InlineData(403, "Forbidden", KeyRootFault.Denied)]
    [InlineData(404, "KeyNotFound", KeyRootFault.Missing)]
    [InlineData(409, "Conflict", KeyRootFault.Unavailable)]
    [InlineData(400, "BadParameter", KeyRootFault.Misconfigured)]
    [InlineData(429, "Throttled", KeyRootFault.Unavailable)]
    [InlineData(503, "ServiceUnavailable", KeyRootFault.Unavailable)]
    public async Task Noes_AreTyped(int status, string code, KeyRootFault expected)
    {
        for (var tries = 0; tries < 8; tries++)
        {
            var no = FakeVault.Error(status, code);
            no.Headers.Add("x-ms-retry-after-ms", "1");
            _vault.Next.Enqueue(no);
        }
        var fault = await Assert.ThrowsAsync<KeyRootException>(() => Client().CreateAsync("ama", Cancel));
        Assert.Equal(expected, fault.Fault);
        Assert.Contains(code, fault.Message);
    }

    [Fact]
    public async Task NoIdentity_IsDenied_AndSaysWhatToDo()
    {
        _credential.Fault = new CredentialUnavailableException("no identity here");
        var fault = await Assert.ThrowsAsync<KeyRootException>(() => Client().GetAsync("ama", Cancel));
        Assert.Equal(KeyRootFault.Denied, fault.Fault);
        Assert.Contains("managed identity", fault.Message);
    }

    [Fact]
    public async Task NoSuchVault_IsUnavailable()
    {
        using var away = new HttpClient(new AwayHandler());
        var options = new KeyVaultOptions { Transport = new HttpClientTransport(away) };
        options.Retry.MaxRetries = 0;
        var client = new KeyVaultKeys(new Uri("https://nowhere.vault.azure.net"), _credential, options);
        var fault = await Assert.ThrowsAsync<KeyRootException>(() => client.GetAsync("ama", Cancel));
        Assert.True(fault.IsTransient);
    }

    [Fact]
    public async Task LinkThatLeadsToAnotherHost_IsNotFollowed()
    {
        _vault.Next.Enqueue(new(System.Net.HttpStatusCode.OK)
        {
            Content = new StringContent("""{"value":[],"nextLink":"https://elsewhere.example/keys?api-version=7.6"}"""),
        });
        var fault = await Assert.ThrowsAsync<KeyRootException>(() => Client().NamesAsync(Cancel));
        Assert.Equal(KeyRootFault.Misconfigured, fault.Fault);
    }

    [Fact]
    public async Task UnwrapOfForeignBytes_IsTampered()
    {
        var client = Client();
        var key = await client.CreateAsync("ama", Cancel);
        var fault = await Assert.ThrowsAsync<KeyRootException>(
            () => client.UnwrapAsync("ama", key.Version, new byte[384], Cancel));
        Assert.Equal(KeyRootFault.Tampered, fault.Fault);
    }

    [Fact]
    public async Task VersionsAndRotate_AreTheVaultsOwn()
    {
        var client = Client();
        var first = await client.CreateAsync("ama", Cancel);
        var second = await client.RotateAsync("ama", Cancel);
        Assert.NotEqual(first.Version, second.Version);
        Assert.Equal([first, second], await client.VersionsAsync("ama", Cancel));
        Assert.Equal(second, await client.GetAsync("ama", Cancel));
    }

    private KeyVaultKeys Client()
    {
        var options = new KeyVaultOptions { Transport = _vault.Transport };
        options.Retry.Delay = TimeSpan.FromMilliseconds(1); // else the pauses of four tries are ten seconds
        return new(new Uri($"https://{FakeVault.Host}"), _credential, options);
    }

    private sealed class AwayHandler : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancel) =>
            throw new HttpRequestException("no route to host");
    }
}
