using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using AMA.Archive.Blobs;
using AMA.Archive.Ids;
using AMA.Archive.Keys;
using AMA.Archive.Sealing;
using Orleans.Runtime;

namespace AMA.Adapters.Hosting;

/// <summary>
/// Seals grain states (docs/formats/control-state.md): "AMG1" ‖ version ‖ 3 zero bytes ‖ generation ‖ Cobblestone-256,
/// bound to state, grain and generation, so that one grain's state never passes for another's, nor an old one for a new
/// one. Blob names are keyed hashes: grain keys hold tenants' names.
/// </summary>
public sealed class StateSeal : IDisposable
{
    private const int HeadBytes = StateVersion.HeadBytes;
    private const int KeyBytes = 32;

    private readonly Secret _sealKey;
    private readonly Secret _nameKey;
    private readonly IRandom _random;
    private readonly HashSet<string> _erasable;

    /// <param name="key">32 bytes; copied.</param>
    /// <param name="erasable">States that must be able to die: they lie below "erasable/".</param>
    public StateSeal(Secret key, IRandom random, params IEnumerable<string> erasable)
    {
        _sealKey = Derive(key, "ama/grain-state@v1");
        _nameKey = Derive(key, "ama/grain-state-name@v1");
        _random = random;
        _erasable = [.. erasable];
    }

    /// <summary>Below it lie states that hold no key and pass by themselves.</summary>
    public const string PassingPrefix = "passing/";

    /// <summary>Names of states that lie below <see cref="PassingPrefix"/>.</summary>
    public IReadOnlyCollection<string> Passing { get; init; } = [];

    public string NameOf(string stateName, GrainId grain)
    {
        var hash = HMACSHA256.HashData(_nameKey.Span, Bound(stateName, grain));
        return RoomOf(stateName) + Convert.ToHexStringLower(hash);
    }

    /// <param name="generation">From 1, one more with each write.</param>
    public byte[] Seal(string stateName, GrainId grain, long generation, ReadOnlySpan<byte> plain)
    {
        var blob = new byte[HeadBytes + Cobblestone.SealedLength(plain.Length)];
        StateVersion.Magic.CopyTo(blob);
        BinaryPrimitives.WriteInt64BigEndian(blob.AsSpan(StateVersion.Magic.Length), generation);
        var context = Context(stateName, grain, blob.AsSpan(0, HeadBytes));
        Cobblestone.Seal(_sealKey.Span, context, plain, _random, blob.AsSpan(HeadBytes));
        return blob;
    }

    /// <summary>Throws <see cref="SealException"/> for anything but this grain's sealed state.</summary>
    public byte[] Open(string stateName, GrainId grain, ReadOnlySpan<byte> blob)
    {
        if (StateVersion.GenerationOf(blob) < 1) throw new SealException(SealFault.Format, "not a grain state");
        return Cobblestone.Open(_sealKey.Span, Context(stateName, grain, blob[..HeadBytes]), blob[HeadBytes..]);
    }

    public void Dispose()
    {
        _sealKey.Dispose();
        _nameKey.Dispose();
    }

    private string RoomOf(string stateName) => _erasable.Contains(stateName) ? "erasable/"
        : Passing.Contains(stateName) ? PassingPrefix
        : "state/";

    private static byte[] Context(string stateName, GrainId grain, ReadOnlySpan<byte> head) =>
        [.. Bound(stateName, grain), .. head];

    private static byte[] Bound(string stateName, GrainId grain) =>
        SHA256.HashData(Encoding.UTF8.GetBytes($"ama/grain-state@v1\0{stateName}\0{grain}"));

    private static Secret Derive(Secret key, string info) =>
        Secret.Make(KeyBytes, (key, info), static (from, destination) => HKDF.DeriveKey(
            HashAlgorithmName.SHA256, from.key.Span, destination, default, Encoding.ASCII.GetBytes(from.info)));
}
