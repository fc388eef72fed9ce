using AMA.Adapters.Hosting;

namespace AMA.Silo.Control.Roots;

/// <summary>Reads the key root's settings for both stores; what is wrong stands in the reader's problems.</summary>
internal sealed class KeyRootSettings(SettingsReader settings)
{
    private const string Root = "AMA:Control:";
    private const int Stores = 2;

    /// <summary>AMA:Control:Stores: two different directories.</summary>
    public (string A, string B) Directories(string fallbackA, string fallbackB)
    {
        const string key = Root + "Stores";
        var found = settings.List(key, [fallbackA, fallbackB]);
        if (found.Count == Stores && Path.GetFullPath(found[0]) != Path.GetFullPath(found[1])) return (found[0], found[1]);
        settings.Problem($"{key} takes two different directories, separated by a comma: one for each of Control's stores.");
        return (fallbackA, fallbackB);
    }

    public (KeyRootOptions A, KeyRootOptions B) Read()
    {
        var kinds = Pair("KeyRoot", "software");
        var software = Software();
        return (Options(kinds[0]!, software[0]), Options(kinds[1]!, software[1]));
    }

    private KeyRootOptions Options(string kind, SoftwareRootOptions software) =>
        new() { Kind = KindOf(kind), Software = software };

    private KeyRootKind KindOf(string text)
    {
        foreach (var kind in Enum.GetValues<KeyRootKind>())
            if (text == TextOf(kind)) return kind;
        var allowed = string.Join(", ", Enum.GetValues<KeyRootKind>().Select(TextOf));
        settings.Wrong(Root + "KeyRoot", $"each of one or two values is one of {allowed} (default software)");
        return KeyRootKind.Software;
    }

    private static string TextOf(KeyRootKind kind) => kind.ToString().ToLowerInvariant();

    private SoftwareRootOptions[] Software()
    {
        var files = Pair("Software:PassphraseFile", null);
        var credentials = Pair("Software:Credential", null);
        if (files[0] is not null && credentials[0] is not null)
            settings.Problem($"{Root}Software:PassphraseFile and {Root}Software:Credential exclude each other: set one.");
        return [.. files.Zip(credentials, (file, name) => new SoftwareRootOptions
        {
            PassphraseFile = Existing("Software:PassphraseFile", file), Credential = CredentialNamed(name),
        })];
    }

    private string? Existing(string name, string? file)
    {
        if (file is not null && !File.Exists(file))
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

    /// <summary>One value for both stores, or one for each.</summary>
    private string?[] Pair(string name, string? fallback)
    {
        var found = settings.List(Root + name, fallback is null ? [] : [fallback]);
        if (found.Count == 0) return [null, null];
        if (found.Count <= Stores) return [found[0], found[^1]];
        settings.Wrong(Root + name, "one value for both of Control's stores is allowed, or two, separated by a comma");
        return [fallback, fallback];
    }
}
