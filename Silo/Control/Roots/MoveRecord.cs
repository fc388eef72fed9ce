using System.Text;
using AMA.Archive.Keys.Roots;

namespace AMA.Silo.Control.Roots;

/// <summary>
/// "root.move" in a store's directory, for as long as its key root moves: "software pkcs11" and a line end. It stands
/// there before anything is wrapped by the new root, and until the old one is destroyed.
/// </summary>
internal sealed record MoveRecord(KeyRootKind From, KeyRootKind To)
{
    public const string FileName = "root.move";

    /// <summary>Null: the root doesn't move.</summary>
    public static MoveRecord? Read(IPrivateFiles files, string directory)
    {
        var path = Path.Combine(directory, FileName);
        if (files.Read(path) is not { } bytes) return null;
        var words = Encoding.ASCII.GetString(bytes).Trim().Split(' ');
        return words.Length == 2 && Enum.TryParse<KeyRootKind>(words[0], true, out var from)
            && Enum.TryParse<KeyRootKind>(words[1], true, out var to)
            ? new(from, to)
            : throw new KeyRootException(KeyRootFault.Misconfigured, $"{path} is damaged: \"from to\" are two kinds of key root.");
    }

    /// <summary>Durable when it returns.</summary>
    public void Write(IPrivateFiles files, string directory) => files.TryCreate(
        Path.Combine(directory, FileName), Encoding.ASCII.GetBytes($"{From} {To}\n".ToLowerInvariant()));

    public static void Remove(IPrivateFiles files, string directory) => files.Delete(Path.Combine(directory, FileName));
}
