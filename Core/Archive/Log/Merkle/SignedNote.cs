using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using AMA.Archive.Access;
using AMA.Archive.Keys;

namespace AMA.Archive.Log.Merkle;

/// <summary>
/// C2SP signed-note with Ed25519 signatures: a text that people can read, an empty line, and a line for each signature.
/// docs/formats/checkpoint.md.
/// </summary>
public static class SignedNote
{
    public const int CharsMax = 16_384;
    public const int SignaturesMax = 32;

    private const int KeyIdBytes = 4;
    private const byte Ed25519Type = 1;
    private const string Mark = "\u2014 ";

    /// <param name="text">Lines, each ended by a line feed.</param>
    /// <param name="name">The key's name, without blanks or plus signs.</param>
    /// <param name="seed">The signing key's 32-byte seed.</param>
    public static string Sign(string text, string name, Secret seed)
    {
        if (!IsText(text) || !IsName(name)) throw new ArgumentException("not a note's text or a key's name");
        var signature = SignedDocument.SignBytes(seed, Encoding.UTF8.GetBytes(text));
        byte[] value = [.. KeyId(name, SignedDocument.PublicKeyOf(seed)), .. signature];
        return $"{text}\n{Mark}{name} {Convert.ToBase64String(value)}\n";
    }

    /// <summary>
    /// False for anything but a whole note with a good signature of this key. Signatures of other keys may stand beside
    /// it.
    /// </summary>
    public static bool TryVerify(
        string note, string name, ReadOnlySpan<byte> publicKey, [NotNullWhen(true)] out string? text)
    {
        text = null;
        var cut = note.LastIndexOf("\n\n", StringComparison.Ordinal);
        if (note.Length > CharsMax || cut < 0 || !note.EndsWith('\n') || !IsText(note[..(cut + 1)])) return false;
        var signed = Encoding.UTF8.GetBytes(note[..(cut + 1)]);
        var expected = KeyId(name, publicKey);
        var lines = note[(cut + 2)..].Split('\n', SignaturesMax + 2);
        if (lines.Length > SignaturesMax + 1) return false;
        foreach (var line in lines[..^1])
        {
            if (!TryReadSignature(line, out var signer, out var value)) return false;
            if (signer != name || !value.AsSpan(0, KeyIdBytes).SequenceEqual(expected)) continue;
            if (!SignedDocument.VerifyBytes(publicKey, signed, value.AsSpan(KeyIdBytes))) return false;
            text = note[..(cut + 1)];
        }
        return text is not null;
    }

    /// <summary>How the key is written for those who check: name, id and key.</summary>
    public static string VerifierKey(string name, ReadOnlySpan<byte> publicKey) =>
        $"{name}+{Convert.ToHexStringLower(KeyId(name, publicKey))}+"
        + Convert.ToBase64String([Ed25519Type, .. publicKey]);

    private static bool TryReadSignature(string line, out string signer, out byte[] value)
    {
        (signer, value) = ("", []);
        var parts = line.Split(' ');
        if (parts.Length != 3 || parts[0] + " " != Mark || !IsName(parts[1])) return false;
        var bytes = new byte[parts[2].Length];
        if (!Convert.TryFromBase64String(parts[2], bytes, out var count) || count <= KeyIdBytes) return false;
        (signer, value) = (parts[1], bytes[..count]);
        return true;
    }

    private static byte[] KeyId(string name, ReadOnlySpan<byte> publicKey) =>
        SHA256.HashData([.. Encoding.UTF8.GetBytes(name), (byte)'\n', Ed25519Type, .. publicKey])[..KeyIdBytes];

    private static bool IsName(string name) =>
        name.Length > 0 && !name.Any(c => char.IsWhiteSpace(c) || char.IsControl(c) || c == '+');

    private static bool IsText(string text) =>
        text.EndsWith('\n') && !text.Any(c => char.IsControl(c) && c != '\n') && text.Length <= CharsMax;
}
