using System.Runtime.InteropServices;
using System.Security.Cryptography;
using AMA.Archive.Keys;
using AMA.Archive.Keys.Roots;
using Net.Pkcs11Interop.Common;
using Net.Pkcs11Interop.HighLevelAPI;
using Net.Pkcs11Interop.HighLevelAPI.MechanismParams;
using Net.Pkcs11Interop.LowLevelAPI80.MechanismParams;

namespace AMA.Adapters.Pkcs11;

/// <summary>AES-256-GCM in the token: AMK1's algorithm 2.</summary>
internal static class TokenCipher
{
    private const ulong TagBits = 8 * KeyBlobFrame.TagBytes;

    /// <param name="head">The blob's head: associated data.</param>
    /// <param name="nonce">A random one; a module that chooses its own overwrites it.</param>
    /// <returns>head ‖ nonce ‖ ciphertext ‖ tag.</returns>
    public static byte[] Seal(ISession session, IObjectHandle key, byte[] head, byte[] nonce, Secret plain)
    {
        using var gcm = Parameters(session, nonce, head);
        using var mechanism = session.Factories.MechanismFactory.Create(CKM.CKM_AES_GCM, gcm);
        var bytes = plain.Span.ToArray();
        try
        {
            var text = session.Encrypt(mechanism, key, bytes);
            if (text.Length != plain.Length + KeyBlobFrame.TagBytes)
                throw new KeyRootException(KeyRootFault.Misconfigured,
                    "The token's CKM_AES_GCM gives something other than ciphertext and a tag of 16 bytes: AMA can't use it.");
            return [.. head, .. NonceIn(gcm), .. text];
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    /// <summary>The plaintext; the caller disposes it.</summary>
    public static Secret Open(ISession session, IObjectHandle key, ReadOnlySpan<byte> blob, int headBytes)
    {
        var nonce = blob.Slice(headBytes, KeyBlobFrame.NonceBytes).ToArray();
        using var gcm = Parameters(session, nonce, blob[..headBytes].ToArray());
        using var mechanism = session.Factories.MechanismFactory.Create(CKM.CKM_AES_GCM, gcm);
        var bytes = session.Decrypt(mechanism, key, blob[(headBytes + KeyBlobFrame.NonceBytes)..].ToArray());
        try
        {
            return Secret.Copy(bytes);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    private static ICkGcmParams Parameters(ISession session, byte[] nonce, byte[] head) =>
        session.Factories.MechanismParamsFactory.CreateCkGcmParams(nonce, 8 * (ulong)nonce.Length, head, TagBits);

    /// <summary>Read after the call: in FIPS mode a device chooses its nonce and writes it into the parameters.</summary>
    private static byte[] NonceIn(ICkGcmParams gcm)
    {
        if (gcm.ToMarshalableStructure() is not CK_GCM_PARAMS raw)
            throw new KeyRootException(KeyRootFault.Misconfigured, "PKCS#11 key roots need 64-bit Linux.");
        var nonce = new byte[KeyBlobFrame.NonceBytes];
        Marshal.Copy(raw.Iv, nonce, 0, nonce.Length);
        return nonce;
    }
}
