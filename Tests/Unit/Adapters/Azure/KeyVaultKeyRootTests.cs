using AMA.Adapters.Azure;
using AMA.Archive.Ids;
using AMA.Archive.Keys;
using AMA.Archive.Keys.Roots;
using AMA.Tests.Unit.Core.Archive.Keys.Roots;
using AMA.Tests.Unit.Core.Archive.Sealing;
using Azure.Core;
using Xunit;

namespace AMA.Tests.Unit.Adapters.Azure;

/// <summary>The contract on a vault in this process.</summary>
public sealed class KeyVaultKeyRootTests : KeyRootContract
{
    private readonly FakeVault _vault = new();

    protected override bool DestroysAtOnce => false;

    protected override IReadOnlyList<string> Secrets => [FakeVault.GoodToken, "wrong-token"];

    protected override ValueTask<IKeyRoot> OpenAsync() => new(Open("ama"));

    protected override ValueTask<IKeyRoot> OpenOtherAsync() => new(Open("ama-b"));

    protected override ValueTask<IKeyRoot> OpenWronglyAsync() => new(Open("ama", new FakeCredential("wrong-token")));

    [Fact]
    public async Task Destroyed_IsFinalWhenTheVaultForgetsIt_AndItsNameIsNotUsedAgain()
    {
        var root = await RootAsync();
        var first = await root.EnsureAsync("edk-eu-2951", Cancel);
        var final = await root.DestroyAsync(first, Cancel);
        Assert.Equal(first.CreatedAt.AddDays(FakeVault.RecoverableDays), final);
        Assert.Equal([first with { FinalAt = final }], await root.ListAsync(Cancel));
        Assert.Equal(2u, (await root.EnsureAsync("edk-eu-2951", Cancel)).Version);
    }

    [Fact]
    public async Task VersionsThatAnOperatorsPolicyMade_GoOnOpening()
    {
        var root = await RootAsync();
        var (blob, key) = await WrappedAsync(root);
        var rotated = await Client().RotateAsync("ama--rkek-eu--1", Cancel);
        var later = await RootAsync();
        using var secret = Secret.Random(new SeededRandom(1));
        await OpensAsync(later, blob, secret);
        Assert.Equal([key.Id, rotated.Version], (await later.ListAsync(Cancel)).Select(found => found.Id));
        Assert.Equal(rotated.Version, (await later.EnsureAsync("rkek-eu", Cancel)).Id);
    }

    [Fact]
    public async Task ManyKeys_AreReadPageByPage()
    {
        _vault.PageSize = 2;
        var root = await RootAsync();
        for (var week = 0; week < 5; week++) await root.EnsureAsync($"edk-eu-{week}", Cancel);
        Assert.Equal(5, (await root.ListAsync(Cancel)).Count);
    }

    [Fact]
    public async Task OtherKeysOfTheVault_AreLeftAlone()
    {
        await Client().CreateAsync("somebody-elses", Cancel);
        await Client().CreateAsync("ama--no-number--x", Cancel);
        Assert.Empty(await (await RootAsync()).ListAsync(Cancel));
    }

    private KeyVaultKeyRoot Open(string keyName, TokenCredential? credential = null) =>
        new(Client(credential), keyName, TimeProvider.System);

    private KeyVaultKeys Client(TokenCredential? credential = null) => new(
        new Uri($"https://{FakeVault.Host}"), credential ?? new FakeCredential(),
        new KeyVaultOptions { Transport = _vault.Transport });
}
