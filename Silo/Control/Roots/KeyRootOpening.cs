using AMA.Adapters.Azure;
using AMA.Adapters.Pkcs11;
using AMA.Archive.Ids;
using AMA.Archive.Keys.Roots;

namespace AMA.Silo.Control.Roots;

/// <summary>From options to an open key root.</summary>
internal sealed class KeyRootOpening(IPrivateFiles files, IRandom random, TimeProvider time)
{
    /// <param name="directory">The store's: a software root lives beside it.</param>
    public IKeyRoot Open(KeyRootOptions options, string directory) => options.Kind switch
    {
        KeyRootKind.Software => Software(options.Software, directory),
        KeyRootKind.Pkcs11 => new Pkcs11KeyRoot(Place(options.Pkcs11!), random, time),
        KeyRootKind.KeyVault => KeyVaultKeyRoot.Open(options.KeyVault!.Uri, options.KeyVault.KeyName, time),
        _ => throw new ArgumentOutOfRangeException(nameof(options), options.Kind, "unknown kind of key root"),
    };

    private Pkcs11Place Place(Pkcs11RootOptions options) => new()
    {
        Module = options.Module, TokenLabel = options.TokenLabel, KeyLabel = options.KeyLabel, PinFile = options.PinFile,
        ReadPin = () => SecretFile.ReadLine(files, options.PinFile),
    };

    private SoftwareKeyRoot Software(SoftwareRootOptions options, string directory)
    {
        if (options.IsPlain) return SoftwareKeyRoot.Open(directory, null, files, random, time);
        var unlock = options.Credential is { } name ? Credential(name) : Passphrase(options.PassphraseFile!);
        using (unlock.Secret) return SoftwareKeyRoot.Open(directory, unlock, files, random, time);
    }

    private SoftwareUnlock Passphrase(string path) =>
        new(UnlockKind.Passphrase, SecretFile.ReadLine(files, path)) { Source = $"The passphrase in {path}" };

    private SoftwareUnlock Credential(string name)
    {
        var path = CredentialFiles.PathOf(name) ?? throw new KeyRootException(
            KeyRootFault.Misconfigured, $"systemd hands over no credential {name}.");
        var secret = SecretFile.ReadAll(files, path, SoftwareUnlock.CredentialBytesMin);
        return new(UnlockKind.Credential, secret) { Source = $"The credential {name}" };
    }
}
