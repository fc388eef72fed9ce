using AMA.Adapters.Pkcs11;
using AMA.Archive.Ids;
using AMA.Archive.Keys;
using AMA.Archive.Keys.Roots;
using AMA.Tests.Unit.Core.Archive.Keys.Roots;
using AMA.Tests.Unit.Core.Archive.Sealing;
using Net.Pkcs11Interop.Common;
using Net.Pkcs11Interop.HighLevelAPI;
using Xunit;

namespace AMA.Tests.Unit.Adapters.Pkcs11;

/// <summary>The contract on a real module, each test with keys of its own label.</summary>
public sealed class Pkcs11KeyRootTests : KeyRootContract
{
    private static int _labels;

    /// <summary>
    /// Loaded once more for looking at the tokens: the same module. Never disposed of: that would finalize it for the
    /// roots too.
    /// </summary>
    private static readonly Lazy<IPkcs11Library> Library = new(() =>
    {
        var factories = new Pkcs11InteropFactories();
        return factories.Pkcs11LibraryFactory.LoadPkcs11Library(factories, SoftHsm.Module, AppType.MultiThreaded);
    });

    private readonly string _label = $"test{Interlocked.Increment(ref _labels)}";

    protected override IReadOnlyList<string> Secrets => [SoftHsm.Pin, "000000"];

    protected override ValueTask<IKeyRoot> OpenAsync() => new(SoftHsm.Open(SoftHsm.Place(SoftHsm.TokenA, _label)));

    protected override ValueTask<IKeyRoot> OpenOtherAsync() => new(SoftHsm.Open(SoftHsm.Place(SoftHsm.TokenB, _label)));

    /// <summary>A process that is logged in is asked for no PIN again: all roots are closed before.</summary>
    protected override async ValueTask<IKeyRoot> OpenWronglyAsync()
    {
        await CloseAsync();
        return SoftHsm.Open(SoftHsm.Place(SoftHsm.TokenA, _label, "000000"));
    }

    [Fact]
    public async Task OtherLabelOnTheSameToken_IsAnotherRoot()
    {
        var (blob, _) = await WrappedAsync(await RootAsync());
        var other = Keep(SoftHsm.Open(SoftHsm.Place(SoftHsm.TokenA, $"{_label}x")));
        Assert.Empty(await other.ListAsync(Cancel));
        await IsAsync(KeyRootFault.Missing, () => other.UnwrapAsync(
            KeyType.RegionRoot, KeyContext.Of(KeyType.RegionRoot, Region.Eu), blob, Cancel));
    }

    [Fact]
    public async Task Threat_38_Key_CantLeaveTheToken_NorWrapOthers()
    {
        var root = await RootAsync();
        await root.EnsureAsync("rkek-eu", Cancel);
        WithSession(SoftHsm.TokenA, session =>
        {
            var key = Assert.Single(session.FindAllObjects(
                [session.Factories.ObjectAttributeFactory.Create(CKA.CKA_LABEL, $"{_label}:rkek-eu:1")]));
            Assert.True(session.GetAttributeValue(key, new List<CKA> { CKA.CKA_VALUE })[0].CannotBeRead);
            List<CKA> flags =
            [
                CKA.CKA_ALWAYS_SENSITIVE, CKA.CKA_NEVER_EXTRACTABLE, CKA.CKA_LOCAL, CKA.CKA_ENCRYPT, CKA.CKA_DECRYPT,
                CKA.CKA_EXTRACTABLE, CKA.CKA_WRAP, CKA.CKA_UNWRAP, CKA.CKA_SIGN, CKA.CKA_VERIFY,
            ];
            Assert.Equal(
                [true, true, true, true, true, false, false, false, false, false],
                session.GetAttributeValue(key, flags).Select(flag => flag.GetValueAsBool()));
        });
    }

    [Fact]
    public async Task KeyOfThatNameThatCanLeave_IsMisconfigured()
    {
        var root = await RootAsync();
        await root.ListAsync(Cancel); // logs this process in
        WithSession(SoftHsm.TokenA, session =>
        {
            var make = session.Factories.ObjectAttributeFactory;
            using var mechanism = session.Factories.MechanismFactory.Create(CKM.CKM_AES_KEY_GEN);
            session.GenerateKey(mechanism,
            [
                make.Create(CKA.CKA_LABEL, $"{_label}:rkek-eu:1"), make.Create(CKA.CKA_ID, new byte[16]),
                make.Create(CKA.CKA_VALUE_LEN, 32UL), make.Create(CKA.CKA_TOKEN, true),
                make.Create(CKA.CKA_SENSITIVE, true), make.Create(CKA.CKA_EXTRACTABLE, true),
            ]);
        });
        await IsAsync(KeyRootFault.Misconfigured, () => root.EnsureAsync("rkek-eu", Cancel));
    }

    [Fact]
    public async Task TokenThatWasGone_IsConnectedAgain()
    {
        var root = Keep(SoftHsm.Open(SoftHsm.Place(SoftHsm.TokenLost, _label)));
        var (blob, key) = await WrappedAsync(root);
        for (var loss = 0; loss < 3; loss++)
        {
            // What a pulled-out device does: every session is gone, and so is the login.
            WithSession(SoftHsm.TokenLost, _ => { }, slot => slot.CloseAllSessions());
            using var secret = Secret.Random(new SeededRandom(1));
            await OpensAsync(root, blob, secret);
        }
        Assert.Equal([key], await root.ListAsync(Cancel));
    }

    [Fact]
    public async Task ModuleMissing_SaysWhichSettingToChange()
    {
        var root = Keep(SoftHsm.Open(SoftHsm.Place(SoftHsm.TokenA, _label) with { Module = "/nowhere/module.so" }));
        var fault = await IsAsync(KeyRootFault.Misconfigured, () => root.ListAsync(Cancel));
        Assert.Contains("/nowhere/module.so is not there", fault.Message);
        Assert.Contains("AMA:Control:Pkcs11:Module", fault.Message);
    }

    [Fact]
    public async Task LibraryThatIsNoModule_IsMisconfigured()
    {
        var library = typeof(Pkcs11KeyRoot).Assembly.Location;
        var root = Keep(SoftHsm.Open(SoftHsm.Place(SoftHsm.TokenA, _label) with { Module = library }));
        await IsAsync(KeyRootFault.Misconfigured, () => root.ListAsync(Cancel));
    }

    [Fact]
    public async Task UnknownTokenLabel_ListsThoseThereAre()
    {
        var root = Keep(SoftHsm.Open(SoftHsm.Place("somewhere else", _label)));
        var fault = await IsAsync(KeyRootFault.Misconfigured, () => root.ListAsync(Cancel));
        Assert.Contains($"\"{SoftHsm.TokenA}\"", fault.Message);
        Assert.Contains("AMA:Control:Pkcs11:TokenLabel", fault.Message);
    }

    private static void WithSession(string token, Action<ISession> act, Action<ISlot>? then = null)
    {
        var slot = Library.Value.GetSlotList(SlotsType.WithTokenPresent)
            .Single(slot => slot.GetTokenInfo().Label.TrimEnd() == token);
        using (var session = slot.OpenSession(SessionType.ReadWrite)) act(session);
        then?.Invoke(slot);
    }
}
