using AMA.Archive.Keys;

namespace AMA.Adapters.Pkcs11;

/// <summary>Which keys of which token, and how to get in.</summary>
public sealed record Pkcs11Place
{
    public const string KeyLabelDefault = "ama";

    /// <summary>Between the parts of a key's label; a <see cref="KeyLabel"/> must not contain it.</summary>
    public const char LabelSeparator = ':';

    /// <summary>Path of the module, a shared library: /usr/lib/softhsm/libsofthsm2.so, for instance.</summary>
    public required string Module { get; init; }

    /// <summary>The token's label, without the blanks that a token pads it with.</summary>
    public required string TokenLabel { get; init; }

    /// <summary>In front of every key's label: two roots on one token take different ones.</summary>
    public string KeyLabel { get; init; } = KeyLabelDefault;

    /// <summary>Where the PIN stands, for messages.</summary>
    public required string PinFile { get; init; }

    /// <summary>
    /// Reads the user PIN, at each login: it doesn't stay in memory. The caller disposes it. Throws
    /// <see cref="AMA.Archive.Keys.Roots.KeyRootException"/>.
    /// </summary>
    public required Func<Secret> ReadPin { get; init; }
}
