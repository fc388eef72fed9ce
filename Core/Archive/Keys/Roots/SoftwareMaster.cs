using System.Security.Cryptography;
using AMA.Archive.Ids;

namespace AMA.Archive.Keys.Roots;

/// <summary>
/// The master key of a software root: from "root.key", 32 plain bytes, or from "root.amr1", sealed. A root.key beside
/// which a passphrase or credential is configured is taken over: the same master, sealed; then root.key is removed.
/// </summary>
internal sealed class SoftwareMaster(string directory, IPrivateFiles files, IRandom random)
{
    private const int KeyBytes = 32;

    private string PlainPath => Path.Combine(directory, SoftwareKeyRoot.PlainFileName);
    private string HeadPath => Path.Combine(directory, SoftwareKeyRoot.HeadFileName);

    /// <param name="unlock">Null: the plain root.key.</param>
    public Secret Open(SoftwareUnlock? unlock)
    {
        files.MakeDirectory(directory);
        var head = files.Read(HeadPath);
        if (unlock is null)
            return head is null ? ReadOrMakePlain() : throw Wrong(
                $"{HeadPath} is sealed: set AMA:Control:Software:PassphraseFile or AMA:Control:Software:Credential.");
        if (head is null) head = MakeHead(unlock);
        var parsed = RootHead.Parse(head)
            ?? throw Wrong($"{HeadPath} is damaged, or of a later version; put the right file back.");
        var master = parsed.Open(unlock);
        RemovePlain(master);
        return master;
    }

    private Secret ReadOrMakePlain()
    {
        if (ReadPlain() is { } found) return found;
        using (var made = Secret.Random(random, KeyBytes)) files.TryCreate(PlainPath, made.Span);
        return ReadPlain() ?? throw Wrong($"{PlainPath} vanished as soon as it was made.");
    }

    private Secret? ReadPlain()
    {
        if (files.Read(PlainPath) is not { } bytes) return null;
        if (bytes.Length != KeyBytes)
            throw Wrong($"{PlainPath} is not a key root of {KeyBytes} bytes; put the right file back.");
        var key = Secret.Copy(bytes);
        CryptographicOperations.ZeroMemory(bytes);
        return key;
    }

    private byte[] MakeHead(SoftwareUnlock unlock)
    {
        using var master = ReadPlain() ?? Secret.Random(random, KeyBytes);
        files.TryCreate(HeadPath, RootHead.Seal(master, unlock, random).ToBytes());
        return files.Read(HeadPath) ?? throw Wrong($"{HeadPath} vanished as soon as it was made.");
    }

    /// <summary>Only the master that the head holds too: anything else in that file is not ours to remove.</summary>
    private void RemovePlain(Secret master)
    {
        using var plain = ReadPlain();
        if (plain is not null && CryptographicOperations.FixedTimeEquals(plain.Span, master.Span))
            files.Delete(PlainPath);
    }

    private static KeyRootException Wrong(string message) => new(KeyRootFault.Misconfigured, message);
}
