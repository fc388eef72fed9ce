using System.Security.Cryptography;
using System.Text;
using AMA.Archive.Ids;
using AMA.Archive.Keys;
using AMA.Archive.Sealing;
using AMA.Grains.Control.Keys;

namespace AMA.Grains.Control.SignIn;

/// <summary>
/// Keeps second factors sealed inside the accounts' state, each bound to its person: neither the state in memory nor a
/// call between grains shows one, and one person's is no good in another's place. docs/formats/control-state.md.
/// </summary>
public sealed class SecondFactorSeal(KeyRing ring, IRandom random)
{
    private const string Use = "ama/second-factor@v1";

    public delegate T Using<out T>(byte[] secret);

    /// <summary>A new one, sealed.</summary>
    public byte[] New(Guid tenant, string user)
    {
        using var secret = Secret.Random(random, TotpCheck.SecretBytes);
        using var key = ring.Derive(Use);
        return Cobblestone.Seal(key.Span, Context(tenant, user), secret.Span, random);
    }

    /// <summary>Opens it for one use and wipes it.</summary>
    public T Open<T>(SecondFactor factor, Guid tenant, string user, Using<T> use)
    {
        using var key = ring.Derive(Use);
        var secret = Cobblestone.Open(key.Span, Context(tenant, user), factor.SealedSecret);
        try
        {
            return use(secret);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
        }
    }

    private static byte[] Context(Guid tenant, string user) => Encoding.UTF8.GetBytes($"{Use}\0{tenant:N}\0{user}");
}
