using System.Security.Cryptography;
using System.Text;
using AMA.Archive.Ids;
using AMA.Archive.Keys;
using AMA.Archive.Sealing;
using Orleans.Runtime;

namespace AMA.Adapters.Hosting;

/// <summary>
/// Seals grain states (docs/formats/control-state.md): "AMG1" ‖ version ‖ 3 zero bytes ‖ Cobblestone-256, bound to
/// state and grain, so that one grain's state never passes for another's. Blob names are keyed hashes: grain keys hold
/// tenants' names.
/// </summary>
public sealed class StateSeal : IDisposable
{
    private const int HeadBytes = 8;
    private const int KeyBytes = 32;
    private static readonly byte[] Head = [.. "AMG1"u8, 1, 0, 0, 0];

    private readonly Secret _sealKey;
    private readonly Secret _nameKey;
    private readonly IRandom _random;

    /// <param name="key">32 bytes; copied.</param>
    public StateSeal(Secret key, IRandom random)
    {
        _sealKey = Derive(key, "ama/grain-state@v1");
        _nameKey = Derive(key, "ama/grain-state-name@v1");
        _random = random;
    }

    public string NameOf(string stateName, GrainId grain) =>
        $"state/{Convert.ToHexStringLower(HMACSHA256.HashData(_nameKey.Span, Context(stateName, grain)))}";

    public byte[] Seal(string stateName, GrainId grain, ReadOnlySpan<byte> plain)
    {
        var blob = new byte[HeadBytes + Cobblestone.SealedLength(plain.Length)];
        Head.CopyTo(blob, 0);
        Cobblestone.Seal(_sealKey.Span, Context(stateName, grain), plain, _random, blob.AsSpan(HeadBytes));
        return blob;
    }

    /// <summary>Throws <see cref="SealException"/> for anything but this grain's sealed state.</summary>
    public byte[] Open(string stateName, GrainId grain, ReadOnlySpan<byte> blob)
    {
        if (blob.Length < HeadBytes || !blob[..HeadBytes].SequenceEqual(Head))
            throw new SealException(SealFault.Format, "not a grain state");
        return Cobblestone.Open(_sealKey.Span, Context(stateName, grain), blob[HeadBytes..]);
    }

    public void Dispose()
    {
        _sealKey.Dispose();
        _nameKey.Dispose();
    }

    private static byte[] Context(string stateName, GrainId grain) =>
        SHA256.HashData(Encoding.UTF8.GetBytes($"ama/grain-state@v1\0{stateName}\0{grain}"));

    private static Secret Derive(Secret key, string info) =>
        Secret.Make(KeyBytes, (key, info), static (from, destination) => HKDF.DeriveKey(
            HashAlgorithmName.SHA256, from.key.Span, destination, default, Encoding.ASCII.GetBytes(from.info)));
}
