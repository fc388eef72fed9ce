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
    private const int FamilyBytes = 16;

    public DateTimeOffset Now => time.GetUtcNow();

    public bool SecondFactorMayBeOff => options.SecondFactorMayBeOff;

    /// <summary>A new session and the first secret that renews it.</summary>
    public (LiveSession Session, string Renewal) NewSession(string tenantName, string user, string? from)
    {
        var id = SessionShards.Place(random.NextId(), user);
        var renewal = new RenewalText(tenantName, id, Letters(FamilyBytes), Letters(RenewalBytes));
        var session = new LiveSession(
            id, user, Now, Now + options.SessionLife, from, SessionRenewal.First(renewal, Now));
        return (session, renewal.Text);
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
        SessionShards.Place(random.NextId(), SessionShards.OperatorName), null, "", SessionShards.OperatorName,
        AccessRole.Operator, [], Now, Now + options.AccessGrantLife, ring.Region);

    public SignedInView Sign(AccessGrant grant) => new(grant.Sign(ring.Signing), grant.ExpiresAt);

    /// <summary>125 bits: "xxxxx-xxxxx-xxxxx-xxxxx-xxxxx".</summary>
    public string NewPassword() => SpokenText.New(random, PasswordGroups);

    public string[] NewRecoveryCodes() => RecoveryCodes.New(random);

    public byte[] NewSalt() => random.NextBytes(PasswordHasher.SaltBytes);

    private string Letters(int bytes) => Base64Url.EncodeToString(random.NextBytes(bytes));
}
