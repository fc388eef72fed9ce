using System.Globalization;
using AMA.Archive.Ids;
using AMA.Archive.Sealing;

namespace AMA.Archive.Keys.Roots;

/// <summary>"keys/{name}.{version}.amk1" of a software root: one key under the master; docs/formats/key-roots.md.</summary>
internal static class SoftwareKeyFile
{
    private const string Extension = ".amk1";
    private const string ContextLabel = "ama/root@v1|key";

    public static string NameOf(string name, uint version) => $"{name}.{Text(version)}{Extension}";

    /// <summary>Null: a file of another name, which is not ours.</summary>
    public static (string Name, uint Version)? ParseName(string fileName)
    {
        if (!fileName.EndsWith(Extension, StringComparison.Ordinal)) return null;
        var parts = fileName[..^Extension.Length].Split('.');
        return parts.Length == 2 && uint.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var version)
            && parts[1] == Text(version) ? (parts[0], version) : null;
    }

    public static byte[] Seal(Secret master, Guid masterId, RootKey key, Secret bytes, IRandom random) =>
        KeyBlob.Wrap(master, masterId, 1, KeyType.Root, ContextOf(key.Name, key.Version, key.Id), bytes.Span, random);

    /// <summary>What the file says it is; null when it was sealed by another master, or is damaged.</summary>
    public static RootKey? Peek(ReadOnlySpan<byte> file, string name, uint version, Guid masterId)
    {
        try
        {
            var head = KeyBlobFrame.Peek(file);
            if (head.WrappingKeyId != masterId || head.Type != KeyType.Root) return null;
            return Guid.TryParseExact(head.Context.Split('|')[^1], "N", out var id)
                && head.Context == ContextOf(name, version, id)
                ? new(name, version, id, RootIds.MadeAt(id)) : null;
        }
        catch (SealException)
        {
            return null;
        }
    }

    public static Secret Open(ReadOnlySpan<byte> file, Secret master, Guid masterId, RootKey key)
    {
        try
        {
            return KeyBlob.Unwrap(master, masterId, file, KeyType.Root, ContextOf(key.Name, key.Version, key.Id));
        }
        catch (SealException e)
        {
            throw new KeyRootException(KeyRootFault.Misconfigured,
                $"The key file {NameOf(key.Name, key.Version)} is damaged ({e.Message}); put the right file back.", e);
        }
    }

    private static string ContextOf(string name, uint version, Guid id) =>
        $"{ContextLabel}|{name}|{Text(version)}|{id:N}";

    private static string Text(uint version) => version.ToString(CultureInfo.InvariantCulture);
}
