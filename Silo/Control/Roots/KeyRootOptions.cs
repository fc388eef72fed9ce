namespace AMA.Silo.Control.Roots;

/// <summary>
/// AMA:Control:KeyRoot: where the key root of one of Control's stores lives. Every setting below it has one value, for
/// both roots, or two, separated like AMA:Spool:Directories, the first for root a.
/// </summary>
public sealed record KeyRootOptions
{
    /// <summary>software (default), pkcs11 or keyvault.</summary>
    public KeyRootKind Kind { get; init; } = KeyRootKind.Software;

    /// <summary>For <see cref="KeyRootKind.Software"/>.</summary>
    public SoftwareRootOptions Software { get; init; } = new();

    /// <summary>Set for <see cref="KeyRootKind.Pkcs11"/>, and where a migration to it is to come.</summary>
    public Pkcs11RootOptions? Pkcs11 { get; init; }

    /// <summary>Set for <see cref="KeyRootKind.KeyVault"/>, and where a migration to it is to come.</summary>
    public KeyVaultRootOptions? KeyVault { get; init; }
}

public enum KeyRootKind
{
    Software,
    Pkcs11,
    KeyVault,
}

/// <summary>
/// AMA:Control:Software: what opens the files of a software root. Neither set: a plain root.key beside them, for trying
/// AMA out; a start warns of it.
/// </summary>
public sealed record SoftwareRootOptions
{
    /// <summary>A file with the passphrase in its first line; better not on the same disk as the store.</summary>
    public string? PassphraseFile { get; init; }

    /// <summary>The name of a credential of systemd (LoadCredentialEncrypted=) with at least 32 random bytes.</summary>
    public string? Credential { get; init; }

    public bool IsPlain => PassphraseFile is null && Credential is null;
}

/// <summary>AMA:Control:Pkcs11: the hardware module.</summary>
/// <param name="Module">Path of the module, a shared library. No default.</param>
/// <param name="TokenLabel">No default.</param>
/// <param name="KeyLabel">In front of each key's label; default "ama-a" and "ama-b".</param>
/// <param name="PinFile">A file whose first line is the user PIN. No default.</param>
public sealed record Pkcs11RootOptions(string Module, string TokenLabel, string KeyLabel, string PinFile);

/// <summary>AMA:Control:KeyVault: a vault or a Managed HSM, with the identity that this host has in Azure.</summary>
/// <param name="Uri">https://{name}.vault.azure.net or https://{name}.managedhsm.azure.net. No default.</param>
/// <param name="KeyName">In front of each vault key's name; default "ama-a" and "ama-b".</param>
public sealed record KeyVaultRootOptions(Uri Uri, string KeyName);
