using System.Security.Cryptography;
using System.Text;
using AMA.Grains.Control.Keys;
using AMA.Grains.Interfaces.Control;

namespace AMA.Grains.Control.Directory;

/// <summary>Knows the operator token by its hash only.</summary>
public sealed class OperatorGate(KeyRing ring)
{
    private const int TokenCharsMax = 256;

    /// <summary>SHA-256 of the text: enough for a token of 256 random bits.</summary>
    public static byte[] HashOf(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));

    /// <summary>Throws <see cref="ControlException"/> (NotAuthorised).</summary>
    public void Check(string? token)
    {
        var known = token is { Length: > 0 and <= TokenCharsMax }
            && CryptographicOperations.FixedTimeEquals(HashOf(token), ring.OperatorTokenHash);
        if (!known) throw new ControlException(ControlRefusal.NotAuthorised, "This needs the operator token.");
    }
}
