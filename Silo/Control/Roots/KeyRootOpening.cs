using AMA.Adapters.Local;
using AMA.Adapters.Pkcs11;
using AMA.Archive.Keys.Roots;

namespace AMA.Silo.Control.Roots;

/// <summary>From options to an open key root.</summary>
internal sealed class KeyRootOpening(ControlSiloParts parts)
{
    private readonly PrivateFiles _files = new(parts.Files);

    /// <summary>
    /// The configured root or, while it moves, both: whether the setting names the old one still or the new one already.
    /// </summary>
    /// <param name="directory">The store's: a software root lives beside it.</param>
    public IKeyRoot Open(KeyRootOptions options, string directory)
    {
        if (MoveRecord.Read(_files, directory) is not { } move) return Open(options, options.Kind, directory);
        if (options.Kind != move.From && options.Kind != move.To)
            throw new KeyRootException(KeyRootFault.Misconfigured,
                $"The key root in {directory} moves from {move.From} to {move.To}: set AMA:Control:KeyRoot to one of "
                + "these until the move is finished.");
        return new MovingKeyRoot(Open(options, move.To, directory), Open(options, move.From, directory));
    }

    /// <summary>The root of this kind, whatever kind is configured.</summary>
    public IKeyRoot Open(KeyRootOptions options, KeyRootKind kind, string directory) => kind switch
    {
        KeyRootKind.Software => Software(options.Software, directory),
        KeyRootKind.Pkcs11 => new Pkcs11KeyRoot(Place(options.Pkcs11 ?? throw NotSet("Pkcs11")), parts.Random, parts.Time),
        KeyRootKind.KeyVault => Vault(options.KeyVault ?? throw NotSet("KeyVault")),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "unknown kind of key root"),
    };

    private IKeyRoot Vault(KeyVaultRootOptions options) => parts.OpenVault(options.Uri, options.KeyName, parts.Time);

    private static KeyRootException NotSet(string section) => new(KeyRootFault.Misconfigured,
        $"AMA:Control:{section} is not set: set what it needs and start Control again.");

    private Pkcs11Place Place(Pkcs11RootOptions options) => new()
    {
        Module = options.Module, TokenLabel = options.TokenLabel, KeyLabel = options.KeyLabel, PinFile = options.PinFile,
        ReadPin = () => SecretFile.ReadLine(_files, options.PinFile),
    };

    private SoftwareKeyRoot Software(SoftwareRootOptions options, string directory)
    {
        if (options.IsPlain) return SoftwareKeyRoot.Open(directory, null, _files, parts.Random, parts.Time);
        var unlock = options.Credential is { } name ? Credential(name) : Passphrase(options.PassphraseFile!);
        using (unlock.Secret) return SoftwareKeyRoot.Open(directory, unlock, _files, parts.Random, parts.Time);
    }

    private SoftwareUnlock Passphrase(string path) =>
        new(UnlockKind.Passphrase, SecretFile.ReadLine(_files, path)) { Source = $"The passphrase in {path}" };

    private SoftwareUnlock Credential(string name)
    {
        var path = CredentialFiles.PathOf(name) ?? throw new KeyRootException(
            KeyRootFault.Misconfigured, $"systemd hands over no credential {name}.");
        var secret = SecretFile.ReadAll(_files, path, SoftwareUnlock.CredentialBytesMin);
        return new(UnlockKind.Credential, secret) { Source = $"The credential {name}" };
    }
}
