using System.Buffers.Text;
using AMA.Archive.Access;
using AMA.Archive.Ids;
using AMA.Grains.Control.Keys;
using AMA.Grains.Interfaces.Control;

namespace AMA.Grains.Control.SignIn;

/// <summary>Makes access grants, renewal secrets, passwords and salts.</summary>
public sealed class GrantIssuer(KeyRing ring, ControlOptions options, IRandom random, TimeProvider time)
{
    private const int PasswordGroups = 5;
    private const int RenewalBytes = 32;
    private const string OperatorName = "operator";

    public DateTimeOffset Now => time.GetUtcNow();

    public bool SecondFactorMayBeOff => options.SecondFactorMayBeOff;

    /// <summary>A new session and the secret that renews it: "{tenant}.{session}.{43 signs}".</summary>
    public (LiveSession Session, string Renewal) NewSession(string tenantName, string user, string? from)
    {
        var id = SessionShards.Place(random.NextId(), user);
        var renewal = $"{tenantName}.{id:N}.{Base64Url.EncodeToString(random.NextBytes(RenewalBytes))}";
        return (new(id, user, Now, Now + options.SessionLife, from, LiveSession.HashOf(renewal)), renewal);
    }

    /// <summary>A grant for the session, short, and never longer than it.</summary>
    public SignedInView ForUser(
        Guid tenant, string tenantName, Account account, LiveSession session, string renewal)
    {
        var end = Now + options.AccessGrantLife;
        var grant = new AccessGrant(
            session.Id, tenant, tenantName, account.Name, account.Role, account.Addresses, Now,
            end < session.EndsAt ? end : session.EndsAt, ring.Region);
        return Sign(grant) with { Renewal = renewal, SessionEndsAt = session.EndsAt };
    }

    /// <summary>Nothing renews it: whoever holds the operator token asks again.</summary>
    public AccessGrant ForOperator() => new(
        SessionShards.Place(random.NextId(), OperatorName), null, "", OperatorName, AccessRole.Operator, [], Now, Now + options.AccessGrantLife,
        ring.Region);

    public SignedInView Sign(AccessGrant grant) => new(grant.Sign(ring.Signing), grant.ExpiresAt);

    /// <summary>125 bits: "xxxxx-xxxxx-xxxxx-xxxxx-xxxxx".</summary>
    public string NewPassword() => SpokenText.New(random, PasswordGroups);

    public string[] NewRecoveryCodes() => RecoveryCodes.New(random);

    public byte[] NewSalt() => random.NextBytes(PasswordHasher.SaltBytes);
}
