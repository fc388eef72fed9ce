namespace AMA.Gateway.Smtp.Protocol;

/// <summary>
/// The secrets with which sources sign in. AUTH is offered only where there is one of these. Answers at once, from
/// memory, and takes as long for a user it doesn't know as for one it does.
/// </summary>
public interface ISourceCredentials
{
    /// <param name="user">Valid UTF-16, at most 255 octets of UTF-8, no controls.</param>
    /// <param name="secret">At most 255 octets, wiped by the caller.</param>
    CredentialVerdict Check(string user, ReadOnlySpan<byte> secret);

    /// <summary>Whose source a user is, for counting; null: nobody's.</summary>
    TenantSource? OwnerOf(string user) => null;
}

public enum CredentialVerdict
{
    Good,

    /// <summary>Not a source, or not its secret.</summary>
    Wrong,

    /// <summary>Not in a directory that is missing or may be out of date.</summary>
    NotNow,
}
