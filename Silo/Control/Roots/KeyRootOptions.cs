namespace AMA.Silo.Control.Roots;

/// <summary>
/// AMA:Control:KeyRoot: where the key root of one of Control's stores lives. Every setting below it has one value, for
/// both roots, or two, separated like AMA:Spool:Directories, the first for root a.
/// </summary>
public sealed record KeyRootOptions
{
    /// <summary>software (default), pkcs11 or keyvault.</summary>
    public KeyRootKind Kind { get; init; } = KeyRootKind.Software;

    /// <summary>Read for <see cref="KeyRootKind.Software"/> only.</summary>
    public SoftwareRootOptions Software { get; init; } = new();
}

public enum KeyRootKind
{
    Software,
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
