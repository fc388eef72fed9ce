using AMA.Archive.Ids;
using AMA.Archive.Keys;
using AMA.Archive.Keys.Roots;
using AMA.Tests.Unit.Core.Archive.Sealing;
using Xunit;

namespace AMA.Tests.Unit.Core.Archive.Keys.Roots;

/// <summary>
/// The contract of <see cref="IKeyRoot"/>, run against every implementation. Numbers are those of
/// docs/formats/key-roots.md, "What a root does". A new root derives and says how to open it.
/// </summary>
public abstract class KeyRootContract : IAsyncLifetime
{
    private const string Name = "rkek-eu";
    private const int Callers = 8;
    private static readonly string Context = KeyContext.Of(KeyType.RegionRoot, Region.Eu);

    private readonly List<IKeyRoot> _opened = [];

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Opens the same keys once more, as another process would.</summary>
    protected abstract ValueTask<IKeyRoot> OpenAsync();

    /// <summary>Opens the root of another store: other keys in the same kind of place.</summary>
    protected abstract ValueTask<IKeyRoot> OpenOtherAsync();

    /// <summary>Opens the same keys with a wrong passphrase, PIN or credential; may throw for it, now or later.</summary>
    protected abstract ValueTask<IKeyRoot> OpenWronglyAsync();

    /// <summary>Whether a destruction is final at once.</summary>
    protected virtual bool DestroysAtOnce => true;

    public virtual ValueTask InitializeAsync() => default;

    public virtual async ValueTask DisposeAsync()
    {
        await CloseAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>Closes what was opened so far, as if those processes had ended.</summary>
    protected async ValueTask CloseAsync()
    {
        foreach (var root in _opened) await root.DisposeAsync();
        _opened.Clear();
    }

    protected async ValueTask<IKeyRoot> RootAsync() => Keep(await OpenAsync());

    protected IKeyRoot Keep(IKeyRoot root)
    {
        _opened.Add(root);
        return root;
    }

    [Fact]
    public async Task R1_EnsuredTwice_IsTheSameKey_InAnyProcess()
    {
        var root = await RootAsync();
        var made = await root.EnsureAsync(Name, Cancel);
        Assert.Equal((Name, 1u), (made.Name, made.Version));
        Assert.NotEqual(Guid.Empty, made.Id);
        Assert.Null(made.FinalAt);
        Assert.Equal(made, await root.EnsureAsync(Name, Cancel));
        Assert.Equal(made, await (await RootAsync()).EnsureAsync(Name, Cancel));
        Assert.NotEqual(made.Id, (await root.EnsureAsync("edk-eu-2951", Cancel)).Id);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Capital")]
    [InlineData("../a")]
    [InlineData("a.b")]
    public async Task R1_NoName_IsRefused(string name)
    {
        var root = await RootAsync();
        await Assert.ThrowsAsync<ArgumentException>(() => root.EnsureAsync(name, Cancel));
        await Assert.ThrowsAsync<ArgumentException>(() => root.RotateAsync(name, Cancel));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(32)]
    [InlineData(256)]
    public async Task R2_WrappedKey_ComesBack_InAnyProcess(int length)
    {
        var root = await RootAsync();
        using var secret = Secret.Random(new SeededRandom(length), length);
        var key = await root.EnsureAsync(Name, Cancel);
        var blob = await root.WrapAsync(key, KeyType.RegionRoot, Context, secret, Cancel);
        Assert.Equal(key.Id, KeyBlob.Peek(blob).WrappingKeyId);
        Assert.Equal(key.Version, KeyBlob.Peek(blob).WrappingVersion);
        if (length >= 32) Assert.Equal(-1, blob.AsSpan().IndexOf(secret.Span[..8]));
        await OpensAsync(root, blob, secret);
        await OpensAsync(await RootAsync(), blob, secret);
    }

    [Fact]
    public async Task Threat_36_R3_OtherTypeOrContext_IsTampered()
    {
        var root = await RootAsync();
        var (blob, _) = await WrappedAsync(root);
        await IsAsync(KeyRootFault.Tampered, () => root.UnwrapAsync(KeyType.Erasure, Context, blob, Cancel));
        var elsewhere = KeyContext.Of(KeyType.RegionRoot, Region.Us);
        await IsAsync(KeyRootFault.Tampered, () => root.UnwrapAsync(KeyType.RegionRoot, elsewhere, blob, Cancel));
        await IsAsync(KeyRootFault.Tampered, () => root.UnwrapAsync(KeyType.RegionRoot, Context, blob[..^1], Cancel));
        await IsAsync(KeyRootFault.Tampered, () => root.UnwrapAsync(KeyType.RegionRoot, Context, default, Cancel));
    }

    [Fact]
    public async Task R4_AnyFlippedBit_DoesNotOpen()
    {
        var root = await RootAsync();
        var (blob, _) = await WrappedAsync(root);
        for (var at = 0; at < blob.Length; at++)
        {
            var damaged = blob.ToArray();
            damaged[at] ^= (byte)(1 << at % 8);
            var fault = await Assert.ThrowsAsync<KeyRootException>(
                () => root.UnwrapAsync(KeyType.RegionRoot, Context, damaged, Cancel));
            Assert.True(
                fault.Fault is KeyRootFault.Tampered or KeyRootFault.Missing, $"byte {at}: {fault.Fault} {fault.Message}");
            if (at >= KeyBlob.Peek(blob).Length) Assert.Equal(KeyRootFault.Tampered, fault.Fault);
        }
    }

    [Fact]
    public async Task R5_BlobOfAnotherRoot_IsMissing()
    {
        var root = await RootAsync();
        var other = Keep(await OpenOtherAsync());
        var (blob, key) = await WrappedAsync(root);
        await other.EnsureAsync(Name, Cancel);
        await IsAsync(KeyRootFault.Missing, () => other.UnwrapAsync(KeyType.RegionRoot, Context, blob, Cancel));
        Assert.DoesNotContain(await other.ListAsync(Cancel), found => found.Id == key.Id);
    }

    [Fact]
    public async Task R6_Rotated_OldBlobsGoOnOpening()
    {
        var root = await RootAsync();
        using var secret = Secret.Random(new SeededRandom(6));
        var first = await root.EnsureAsync(Name, Cancel);
        var old = await root.WrapAsync(first, KeyType.RegionRoot, Context, secret, Cancel);
        var second = await root.RotateAsync(Name, Cancel);
        Assert.Equal(2u, second.Version);
        Assert.NotEqual(first.Id, second.Id);
        Assert.Equal(second, await root.EnsureAsync(Name, Cancel));
        await OpensAsync(root, old, secret);
        await OpensAsync(await RootAsync(), await root.WrapAsync(second, KeyType.RegionRoot, Context, secret, Cancel), secret);
    }

    [Fact]
    public async Task R7_List_ShowsEveryVersion()
    {
        var root = await RootAsync();
        Assert.Empty(await root.ListAsync(Cancel));
        RootKey[] made =
        [
            await root.EnsureAsync("edk-eu-2951", Cancel), await root.EnsureAsync(Name, Cancel),
            await root.RotateAsync(Name, Cancel),
        ];
        Assert.Equal(made, await (await RootAsync()).ListAsync(Cancel));
    }

    [Fact]
    public async Task R8_Destroyed_IsMissingEverywhere_AndOthersStay()
    {
        var root = await RootAsync();
        using var secret = Secret.Random(new SeededRandom(8));
        var first = await root.EnsureAsync(Name, Cancel);
        var second = await root.RotateAsync(Name, Cancel);
        var lost = await root.WrapAsync(first, KeyType.RegionRoot, Context, secret, Cancel);
        var kept = await root.WrapAsync(second, KeyType.RegionRoot, Context, secret, Cancel);

        var finalAt = await root.DestroyAsync(first, Cancel);

        foreach (var process in new[] { root, await RootAsync() })
        {
            await IsAsync(KeyRootFault.Missing, () => process.UnwrapAsync(KeyType.RegionRoot, Context, lost, Cancel));
            await IsAsync(
                KeyRootFault.Missing, () => process.WrapAsync(first, KeyType.RegionRoot, Context, secret, Cancel));
            await OpensAsync(process, kept, secret);
            Assert.Equal(second, await process.EnsureAsync(Name, Cancel));
        }
        var shown = (await root.ListAsync(Cancel)).Where(key => key.Id == first.Id).Select(key => key.FinalAt);
        Assert.Equal(DestroysAtOnce ? [] : [finalAt], shown);
        Assert.Equal(finalAt, await root.DestroyAsync(first, Cancel), TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task R9_EightCallersAtOnce_EachGetTheirs()
    {
        var root = await RootAsync();
        var keys = await Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => root.EnsureAsync(Name, Cancel)));
        Assert.Single(keys.Distinct());
        await Parallel.ForEachAsync(Enumerable.Range(0, Callers), Cancel, async (caller, cancel) =>
        {
            for (var round = 0; round < 5; round++)
            {
                using var secret = Secret.Random(new SeededRandom(caller * 100 + round));
                var blob = await root.WrapAsync(keys[0], KeyType.RegionRoot, Context, secret, cancel);
                await OpensAsync(root, blob, secret);
            }
        });
    }

    [Fact]
    public async Task R10_Faults_AreTyped_AndHoldNoSecret()
    {
        var root = await RootAsync();
        var (blob, _) = await WrappedAsync(root);
        blob[^1] ^= 1;
        var fault = await Assert.ThrowsAsync<KeyRootException>(
            () => root.UnwrapAsync(KeyType.RegionRoot, Context, blob, Cancel));
        Assert.False(fault.IsTransient);
        Assert.DoesNotContain(Secrets, secret => $"{fault}{root.Description}".Contains(secret));
    }

    /// <summary>Passphrases and PINs of this root.</summary>
    protected abstract IReadOnlyList<string> Secrets { get; }

    [Fact]
    public async Task R11_WrongPassphraseOrPin_IsDenied()
    {
        var (blob, _) = await WrappedAsync(await RootAsync());
        await IsAsync(KeyRootFault.Denied, async () =>
        {
            var root = Keep(await OpenWronglyAsync());
            await root.UnwrapAsync(KeyType.RegionRoot, Context, blob, Cancel);
        });
    }

    protected static async Task<(byte[] Blob, RootKey Key)> WrappedAsync(IKeyRoot root)
    {
        using var secret = Secret.Random(new SeededRandom(1));
        var key = await root.EnsureAsync(Name, Cancel);
        return (await root.WrapAsync(key, KeyType.RegionRoot, Context, secret, Cancel), key);
    }

    protected static async Task OpensAsync(IKeyRoot root, byte[] blob, Secret secret)
    {
        using var opened = await root.UnwrapAsync(KeyType.RegionRoot, Context, blob, CancellationToken.None);
        Assert.Equal(secret.Span.ToArray(), opened.Span.ToArray());
    }

    protected static async Task<KeyRootException> IsAsync(KeyRootFault fault, Func<Task> act)
    {
        var thrown = await Assert.ThrowsAsync<KeyRootException>(act);
        Assert.True(thrown.Fault == fault, $"{thrown.Fault} instead of {fault}: {thrown.Message}");
        return thrown;
    }
}
