using System.Diagnostics.CodeAnalysis;
using AMA.Archive.Access;

namespace AMA.Archive.Log.Merkle;

/// <summary>Reads a key as C2SP signed-note writes it for those who check: name+id+base64.</summary>
public static class VerifierKey
{
    /// <summary>False for anything but exactly what <see cref="SignedNote.VerifierKey"/> writes.</summary>
    public static bool TryRead(string text, [NotNullWhen(true)] out string? name, out byte[] publicKey)
    {
        (name, publicKey) = (null, []);
        var parts = text.Split('+', 3);
        if (text.Length > SignedNote.CharsMax || parts.Length != 3) return false;
        var bytes = new byte[1 + SignedDocument.PublicKeyBytes];
        if (!Convert.TryFromBase64String(parts[2], bytes, out var count) || count != bytes.Length) return false;
        if (SignedNote.VerifierKey(parts[0], bytes.AsSpan(1)) != text) return false;
        (name, publicKey) = (parts[0], bytes[1..]);
        return true;
    }
}
