using AMA.Archive.Access;
using AMA.Archive.Ids;
using AMA.Grains.Control.Keys;
using AMA.Grains.Interfaces.Control;

namespace AMA.Grains.Control.SignIn;

/// <summary>Makes access grants, passwords and salts.</summary>
public sealed class GrantIssuer(KeyRing ring, ControlOptions options, IRandom random, TimeProvider time)
{
    /// <summary>32 signs, so that five random bits choose one; none that looks like another.</summary>
    private const string PasswordSigns = "abcdefghijkmnpqrstuvwxyz23456789";

    private const int PasswordGroups = 5;
    private const int GroupChars = 5;

    public DateTimeOffset Now => time.GetUtcNow();

    public AccessGrant ForUser(Guid tenant, string tenantName, Account account) => new(
        random.NextId(), tenant, tenantName, account.Name, account.Role, account.Addresses, Now,
        Now + options.AccessGrantLife, ring.Region);

    public AccessGrant ForOperator() => new(
        random.NextId(), null, "", "operator", AccessRole.Operator, [], Now, Now + options.AccessGrantLife,
        ring.Region);

    public SignedInView Sign(AccessGrant grant) => new(grant.Sign(ring.Signing), grant.ExpiresAt);

    /// <summary>125 bits: "xxxxx-xxxxx-xxxxx-xxxxx-xxxxx".</summary>
    public string NewPassword()
    {
        var bytes = random.NextBytes(PasswordGroups * GroupChars);
        var groups = bytes.Chunk(GroupChars)
            .Select(group => string.Concat(group.Select(value => PasswordSigns[value % PasswordSigns.Length])));
        return string.Join('-', groups);
    }

    public byte[] NewSalt() => random.NextBytes(PasswordHasher.SaltBytes);
}
