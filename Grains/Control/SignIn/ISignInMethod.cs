using System.Security.Cryptography;
using AMA.Archive.Access;
using AMA.Grains.Interfaces.Control;

namespace AMA.Grains.Control.SignIn;

/// <summary>
/// How persons prove to be who an account is for. Everything around it, lock-out, second factor, sessions and the
/// record, is the same whichever it is: a directory (LDAP) or an identity provider (OIDC) takes this place.
/// </summary>
public interface ISignInMethod
{
    /// <summary>
    /// True when the credentials are the account's. For no account it does the same work and says no: nobody may
    /// learn from an answer's time who has an account. Throws <see cref="ControlException"/> (Unavailable).
    /// </summary>
    Task<bool> Proves(Account? account, Credentials credentials);
}

/// <summary>Passwords of Control's own: one Argon2id hash for every try, whoever is asked for.</summary>
public sealed class LocalPasswords(PasswordHasher hasher) : ISignInMethod
{
    private static readonly byte[] NobodysSalt = new byte[PasswordHasher.SaltBytes];
    private static readonly byte[] NobodysHash = new byte[PasswordHasher.HashBytes];

    public async Task<bool> Proves(Account? account, Credentials credentials)
    {
        var hashable = credentials.Password is { Length: <= DirectoryRules.PasswordCharsMax } given ? given : "";
        var hash = await hasher.HashAsync(hashable, account?.Salt ?? NobodysSalt);
        return CryptographicOperations.FixedTimeEquals(hash, account?.Hash ?? NobodysHash) & account is not null;
    }
}
