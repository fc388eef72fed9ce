using System.Buffers.Binary;
using AMA.Archive.Ids;
using AMA.Archive.Sealing;

namespace AMA.Archive.Keys.Roots;

/// <summary>"root.amr1": a software key root's master key, sealed; docs/formats/key-roots.md.</summary>
internal sealed record RootHead(UnlockKind Kind, uint MemoryKiB, uint Passes, byte[] Salt, byte[] Master)
{
    public const uint PassesDefault = 3;
    public const int SaltBytes = 16;

    /// <summary>A head may not make a start take all memory, or for ever.</summary>
    private const uint MemoryKiBMax = 1 << 20;
    private const uint PassesMax = 16;

    private const string Context = "ama/root@v1|master";
    private const byte Version = 1;
    private const int FixedBytes = 32;

    private static ReadOnlySpan<byte> Magic => "AMR1"u8;

    public static RootHead Seal(Secret master, SoftwareUnlock unlock, IRandom random)
    {
        var memory = unlock.Kind == UnlockKind.Passphrase ? unlock.MemoryKiB : 0;
        var passes = unlock.Kind == UnlockKind.Passphrase ? PassesDefault : 0;
        var head = new RootHead(unlock.Kind, memory, passes, random.NextBytes(SaltBytes), []);
        using var key = UnlockKey.Derive(unlock, head);
        return head with
        {
            Master = KeyBlob.Wrap(key, head.Id, 1, KeyType.Root, Context, master.Span, random),
        };
    }

    public Secret Open(SoftwareUnlock unlock)
    {
        if (unlock.Kind != Kind)
            throw new KeyRootException(KeyRootFault.Misconfigured,
                $"The key root is sealed under a {Kind.ToString().ToLowerInvariant()}, and {unlock.Source} is not one: "
                + "set the other one of AMA:Control:Software:PassphraseFile and AMA:Control:Software:Credential.");
        using var key = UnlockKey.Derive(unlock, this);
        try
        {
            return KeyBlob.Unwrap(key, Id, Master, KeyType.Root, Context);
        }
        catch (SealException e)
        {
            throw new KeyRootException(KeyRootFault.Denied,
                $"{unlock.Source} does not open the key root: it is wrong, or root.amr1 is damaged.", e);
        }
    }

    public byte[] ToBytes()
    {
        var bytes = new byte[FixedBytes + Master.Length];
        Magic.CopyTo(bytes);
        bytes[4] = Version;
        bytes[5] = (byte)Kind;
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(8), MemoryKiB);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(12), Passes);
        Salt.CopyTo(bytes, 16);
        Master.CopyTo(bytes, FixedBytes);
        return bytes;
    }

    /// <summary>Null: not a head that this version can read.</summary>
    public static RootHead? Parse(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length <= FixedBytes || !bytes[..4].SequenceEqual(Magic) || bytes[4] != Version) return null;
        if (!Enum.IsDefined((UnlockKind)bytes[5]) || bytes[6] != 0 || bytes[7] != 0) return null;
        var memory = BinaryPrimitives.ReadUInt32BigEndian(bytes[8..]);
        var passes = BinaryPrimitives.ReadUInt32BigEndian(bytes[12..]);
        if (memory > MemoryKiBMax || passes > PassesMax) return null;
        if ((UnlockKind)bytes[5] == UnlockKind.Passphrase != memory > 0 || memory > 0 != passes > 0) return null;
        return new(
            (UnlockKind)bytes[5], memory, passes, bytes.Slice(16, SaltBytes).ToArray(), bytes[FixedBytes..].ToArray());
    }

    private Guid Id => new(Salt, bigEndian: true);
}
