using System.Security.Cryptography;
using AMA.Archive.Keys;
using AMA.Archive.Keys.Roots;
using Net.Pkcs11Interop.Common;
using Net.Pkcs11Interop.HighLevelAPI;
using Ciphers = Net.Pkcs11Interop.LowLevelAPI80.Pkcs11Library;

namespace AMA.Adapters.Pkcs11;

/// <summary>
/// AES-256-GCM in the token: AMK1's algorithm 2. Called below the interop library's comfortable half, which would leave
/// copies of the plaintext to the collector.
/// </summary>
internal sealed class TokenCipher(Ciphers module)
{
    /// <param name="head">The blob's head: associated data.</param>
    /// <param name="nonce">A random one; a module that chooses its own overwrites it.</param>
    /// <returns>head ‖ nonce ‖ ciphertext ‖ tag.</returns>
    public byte[] Seal(ISession session, IObjectHandle key, byte[] head, byte[] nonce, Secret plain)
    {
        using var gcm = new GcmCall(nonce, head);
        var text = new byte[plain.Length + KeyBlobFrame.TagBytes];
        var length = (ulong)text.Length;
        var bytes = Pinned(plain.Length);
        try
        {
            plain.Span.CopyTo(bytes);
            Check(module.C_EncryptInit(session.SessionId, ref gcm.Mechanism, key.ObjectId), "C_EncryptInit");
            var value = module.C_Encrypt(session.SessionId, bytes, (ulong)bytes.Length, text, ref length);
            if (value == CKR.CKR_BUFFER_TOO_SMALL || value == CKR.CKR_OK && length != (ulong)text.Length) throw Foreign();
            Check(value, "C_Encrypt");
            return [.. head, .. gcm.Nonce(), .. text];
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    /// <summary>The plaintext; the caller disposes it.</summary>
    public Secret Open(ISession session, IObjectHandle key, ReadOnlySpan<byte> blob, int headBytes)
    {
        var text = blob[(headBytes + KeyBlobFrame.NonceBytes)..].ToArray();
        using var gcm = new GcmCall(blob.Slice(headBytes, KeyBlobFrame.NonceBytes), blob[..headBytes]);
        var bytes = Pinned(text.Length); // some modules want room for the tag too
        var length = (ulong)bytes.Length;
        try
        {
            Check(module.C_DecryptInit(session.SessionId, ref gcm.Mechanism, key.ObjectId), "C_DecryptInit");
            Check(module.C_Decrypt(session.SessionId, text, (ulong)text.Length, bytes, ref length), "C_Decrypt");
            return Secret.Copy(bytes.AsSpan(0, checked((int)length)));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    private static byte[] Pinned(int length) => GC.AllocateUninitializedArray<byte>(length, pinned: true);

    private static void Check(CKR value, string method)
    {
        if (value != CKR.CKR_OK) throw new Pkcs11Exception(method, value);
    }

    private static KeyRootException Foreign() => new(KeyRootFault.Misconfigured,
        "The token's CKM_AES_GCM gives something other than ciphertext and a tag of 16 bytes: AMA can't use it.");
}
