using AMA.Adapters.Hosting;
using AMA.Silo.Control;
using AMA.Silo.Control.Roots;
using Microsoft.Extensions.Configuration;
using Xunit;

namespace AMA.Tests.Unit.Silo.Control;

public sealed class KeyRootSettingsTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    [Fact]
    public void NothingSet_IsAPlainSoftwareRootInEachStore()
    {
        var options = Good();
        Assert.Equal(Path.Combine("./ama-data", "control", "a"), options.DirectoryA);
        Assert.Equal(new KeyRootOptions(), options.KeyRootA);
        Assert.Equal(new KeyRootOptions(), options.KeyRootB);
        Assert.True(options.KeyRootA.Software.IsPlain);
    }

    [Fact]
    public void OneValue_HoldsForBoth_AndTwoForOneEach()
    {
        var options = Good(
            ("Stores", "/one/x,/two/y"), ("KeyRoot", "pkcs11,keyvault"), ("Pkcs11:Module", _file),
            ("Pkcs11:TokenLabel", "left,right"), ("Pkcs11:PinFile", _file), ("KeyVault:KeyName", "mail"),
            ("KeyVault:Uri", "https://quiet.vault.azure.net"));
        Assert.Equal(("/one/x", "/two/y"), (options.DirectoryA, options.DirectoryB));
        Assert.Equal((KeyRootKind.Pkcs11, KeyRootKind.KeyVault), (options.KeyRootA.Kind, options.KeyRootB.Kind));
        Assert.Equal(new Pkcs11RootOptions(_file, "left", "ama-a", _file), options.KeyRootA.Pkcs11);
        Assert.Equal("right", options.KeyRootB.Pkcs11!.TokenLabel);
        Assert.Equal(new(new("https://quiet.vault.azure.net"), "mail-b"), options.KeyRootB.KeyVault);
    }

    [Fact]
    public void TwoRootsInOneDevice_NeverShareAKey()
    {
        var options = Good(
            ("KeyRoot", "pkcs11"), ("Pkcs11:Module", _file), ("Pkcs11:TokenLabel", "one"), ("Pkcs11:PinFile", _file),
            ("Pkcs11:KeyLabel", "same"));
        Assert.Equal(["same-a", "same-b"], [options.KeyRootA.Pkcs11!.KeyLabel, options.KeyRootB.Pkcs11!.KeyLabel]);
    }

    [Fact]
    public void EverythingWrong_IsToldAtOnce()
    {
        string[] expected =
        [
            "AMA:Control:Stores takes two different directories",
            "AMA:Control:KeyRoot is \"pkcs11,vault\": one or two of software, pkcs11, keyvault are allowed",
            "AMA:Control:Software:PassphraseFile and AMA:Control:Software:Credential exclude each other",
            "AMA:Control:Software:PassphraseFile names the file /nowhere/pass",
            "AMA:Control:Software:Credential names rootkey, but systemd hands over no such credential",
            "AMA:Control:Pkcs11:Module names the file /nowhere/module.so",
            "AMA:Control:Pkcs11:TokenLabel is not set",
            "AMA:Control:Pkcs11:PinFile is not set",
            "AMA:Control:Pkcs11:KeyLabel is \"a:b-a\"",
            "AMA:Control:KeyVault:Uri is \"http://vault\"",
            "AMA:Control:KeyVault:KeyName is \"a--b-a\"",
        ];
        var problems = Read(
            ("Stores", "/one,/one"), ("KeyRoot", "pkcs11,vault"), ("Software:PassphraseFile", "/nowhere/pass"),
            ("Software:Credential", "rootkey"), ("Pkcs11:Module", "/nowhere/module.so"), ("Pkcs11:KeyLabel", "a:b"),
            ("KeyVault:Uri", "http://vault"), ("KeyVault:KeyName", "a--b")).Problems;
        Assert.All(expected, start => Assert.Contains(problems, problem => problem.StartsWith(start, StringComparison.Ordinal)));
    }

    [Fact]
    public void SettingsOfAnotherKind_AreReadForAMigration()
    {
        var options = Good(("KeyVault:Uri", "https://quiet.vault.azure.net"));
        Assert.Equal(KeyRootKind.Software, options.KeyRootA.Kind);
        Assert.Equal("ama-a", options.KeyRootA.KeyVault!.KeyName);
        Assert.Null(options.KeyRootA.Pkcs11);
    }

    private static ControlSiloOptions Good(params (string Name, string Value)[] values)
    {
        var (options, problems) = Read(values);
        Assert.Empty(problems);
        return options;
    }

    private static (ControlSiloOptions Options, IReadOnlyList<string> Problems) Read(
        params (string Name, string Value)[] values)
    {
        var settings = new SettingsReader(new ConfigurationBuilder().AddInMemoryCollection(
            values.Select(v => KeyValuePair.Create($"AMA:Control:{v.Name}", (string?)v.Value))).Build());
        var options = ControlSiloOptions.Read(settings);
        settings.RefuseUnknownKeys();
        return (options, settings.Problems);
    }
}
