using AMA.Adapters.Hosting;

namespace AMA.Silo.Control.Roots;

/// <summary>Reads the key root's settings for both stores; what is wrong stands in the reader's problems.</summary>
internal sealed class KeyRootSettings(SettingsReader settings)
{
    private const string Root = "AMA:Control:";
    private static readonly string[] StoreNames = ["a", "b"];

    /// <summary>AMA:Control:Stores: two different directories.</summary>
    public (string A, string B) Directories(string fallbackA, string fallbackB)
    {
        const string key = Root + "Stores";
        var found = settings.List(key, [fallbackA, fallbackB]);
        if (found.Count == StoreNames.Length && Path.GetFullPath(found[0]) != Path.GetFullPath(found[1]))
            return (found[0], found[1]);
        settings.Problem($"{key} takes two different directories, separated by a comma: one for each of Control's stores.");
        return (fallbackA, fallbackB);
    }

    public (KeyRootOptions A, KeyRootOptions B) Read()
    {
        var kinds = Pair("KeyRoot").Select(text => KindOf(text ?? "software")).ToArray();
        var software = Software();
        var pkcs11 = Pkcs11(kinds);
        var vault = KeyVault(kinds);
        var both = StoreNames.Select((_, at) => new KeyRootOptions
        {
            Kind = kinds[at], Software = software[at], Pkcs11 = pkcs11[at], KeyVault = vault[at],
        }).ToArray();
        return (both[0], both[1]);
    }

    private KeyRootKind KindOf(string text)
    {
        foreach (var kind in Enum.GetValues<KeyRootKind>())
            if (text == TextOf(kind)) return kind;
        var allowed = string.Join(", ", Enum.GetValues<KeyRootKind>().Select(TextOf));
        settings.Wrong(Root + "KeyRoot", $"one or two of {allowed} are allowed (default software)");
        return KeyRootKind.Software;
    }

    private static string TextOf(KeyRootKind kind) => kind.ToString().ToLowerInvariant();

    private SoftwareRootOptions[] Software()
    {
        var files = Pair("Software:PassphraseFile");
        var credentials = Pair("Software:Credential");
        if (files[0] is not null && credentials[0] is not null)
            settings.Problem($"{Root}Software:PassphraseFile and {Root}Software:Credential exclude each other: set one.");
        return [.. files.Zip(credentials, (file, name) => new SoftwareRootOptions
        {
            PassphraseFile = file is null ? null : Existing("Software:PassphraseFile", file), Credential = CredentialNamed(name),
        })];
    }

    private Pkcs11RootOptions?[] Pkcs11(KeyRootKind[] kinds)
    {
        var (modules, tokens) = (Pair("Pkcs11:Module"), Pair("Pkcs11:TokenLabel"));
        var (labels, pins) = (Prefixes("Pkcs11:KeyLabel"), Pair("Pkcs11:PinFile"));
        return Each(at => kinds[at] == KeyRootKind.Pkcs11 || (modules[at] ?? tokens[at] ?? pins[at]) is not null, at =>
        {
            if (labels[at].Contains(':'))
                settings.Problem($"{Root}Pkcs11:KeyLabel is \"{labels[at]}\": a label without a colon is allowed.");
            return new Pkcs11RootOptions(
                Existing("Pkcs11:Module", Needed("Pkcs11:Module", modules[at])),
                Needed("Pkcs11:TokenLabel", tokens[at]), labels[at],
                Existing("Pkcs11:PinFile", Needed("Pkcs11:PinFile", pins[at])));
        });
    }

    private KeyVaultRootOptions?[] KeyVault(KeyRootKind[] kinds)
    {
        var (uris, names) = (Pair("KeyVault:Uri"), Prefixes("KeyVault:KeyName"));
        return Each(at => kinds[at] == KeyRootKind.KeyVault || uris[at] is not null, at =>
        {
            if (!IsVaultName(names[at]))
                settings.Problem($"{Root}KeyVault:KeyName is \"{names[at]}\": 1 to 24 letters, digits and single hyphens "
                    + "inside are allowed.");
            return new KeyVaultRootOptions(VaultOf(Needed("KeyVault:Uri", uris[at])), names[at]);
        });
    }

    private Uri VaultOf(string text)
    {
        if (Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme == Uri.UriSchemeHttps
            && uri is { PathAndQuery: "/", UserInfo.Length: 0 }) return uri;
        if (text.Length > 0)
            settings.Problem($"{Root}KeyVault:Uri is \"{text}\": an address such as https://name.vault.azure.net is allowed, "
                + "without a path.");
        return new("https://missing.invalid");
    }

    /// <summary>Vault keys' names have 127 characters at most, and our own parts are put behind it with hyphens.</summary>
    private static bool IsVaultName(string name) => name.Length is > 0 and <= 24 && !name.Contains("--")
        && name[0] != '-' && name[^1] != '-' && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '-');

    /// <summary>Those in use, and those that somebody has set, for a migration to them.</summary>
    private static T?[] Each<T>(Func<int, bool> isMeant, Func<int, T> read) where T : class =>
        [.. StoreNames.Select((_, at) => isMeant(at) ? read(at) : null)];

    private string Needed(string name, string? value)
    {
        if (value is null) settings.Problem($"{Root}{name} is not set: {Root}KeyRoot needs it.");
        return value ?? "";
    }

    private string Existing(string name, string file)
    {
        if (file.Length > 0 && !File.Exists(file))
            settings.Problem($"{Root}{name} names the file {file}, which is not there.");
        return file;
    }

    private string? CredentialNamed(string? name)
    {
        if (name is not null && CredentialFiles.PathOf(name) is null)
            settings.Problem($"{Root}Software:Credential names {name}, but systemd hands over no such credential: set "
                + "LoadCredentialEncrypted= in the service's unit.");
        return name;
    }

    /// <summary>Different for the two roots unless somebody sets one value: both may live in one device.</summary>
    private string[] Prefixes(string name)
    {
        var values = Pair(name);
        return [.. StoreNames.Select((store, at) => values[at] is { } value
            ? values[0] == values[1] ? $"{value}-{store}" : value : $"ama-{store}")];
    }

    /// <summary>One value for both stores, or one for each.</summary>
    private string?[] Pair(string name)
    {
        var found = settings.List(Root + name, []);
        if (found.Count == 0) return [null, null];
        if (found.Count <= StoreNames.Length) return [found[0], found[^1]];
        settings.Wrong(Root + name, "one value for both of Control's stores is allowed, or two, separated by a comma");
        return [null, null];
    }
}
