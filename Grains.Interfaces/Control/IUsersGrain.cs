using Orleans;

namespace AMA.Grains.Interfaces.Control;

/// <summary>
/// A tenant's users, kept by its tenant-admins; by an operator only until one of them has taken over, and always for
/// the provider's own security officers. Key: "{region}/{tenant name, lower case}". The token is a session's access
/// token or the operator token. Throws <see cref="ControlException"/>: NotAuthorised, NotAllowed, NotFound, Conflict,
/// Invalid. Every call is on record before it is done.
/// </summary>
[Alias("ama.control.users")]
public interface IUsersGrain : IGrainWithStringKey
{
    [Alias("create")] Task<UserView> Create(string token, NewUser user);
    [Alias("list")] Task<UserView[]> List(string token);

    /// <summary>
    /// Disabling and a change of role end the user's sessions at once. A role of tenant's security officer is only
    /// proposed: <see cref="Approve"/>.
    /// </summary>
    [Alias("change")] Task<UserView> Change(string token, string user, UserChange change);

    /// <summary>Ends the user's sessions at once.</summary>
    [Alias("remove")] Task Remove(string token, string user);

    /// <summary>
    /// A one-time password, shown this once and to be changed at the next sign-in; the second factor is removed and
    /// must be enrolled anew; sessions end at once.
    /// </summary>
    [Alias("reset-password")] Task<UserView> ResetPassword(string token, string user);

    /// <summary>The second person's word for a proposed role.</summary>
    [Alias("approve")] Task<UserView> Approve(string token, string user);

    /// <summary>Who needs a second factor: "by-role", "everybody", or "off" where that is allowed.</summary>
    [Alias("second-factor")] Task SetSecondFactor(string token, string rule);
}

/// <param name="Role">Text of the role: "user", "auditor", "tenant-admin", "security-officer-provider".</param>
/// <param name="Password">
/// Null: Control makes one and answers with it, once; it must be changed at the first sign-in.
/// </param>
[GenerateSerializer, Immutable, Alias("ama.control.new-user")]
public sealed record NewUser(
    [property: Id(0)] string User, [property: Id(1)] string Role, [property: Id(2)] string[] Addresses,
    [property: Id(3)] string? Password)
{
    public override string ToString() => "[new user]";
}

/// <summary>What is null stays as it is.</summary>
[GenerateSerializer, Immutable, Alias("ama.control.user-change")]
public sealed record UserChange
{
    [Id(0)] public bool? Disabled { get; init; }
    [Id(1)] public string? Role { get; init; }
    [Id(2)] public string[]? Addresses { get; init; }
}

[GenerateSerializer, Immutable, Alias("ama.control.user")]
public sealed record UserView(
    [property: Id(0)] string User, [property: Id(1)] string Role, [property: Id(2)] string[] Addresses,
    [property: Id(3)] string? Password)
{
    [Id(4)] public bool Disabled { get; init; }
    [Id(5)] public bool MustChangePassword { get; init; }

    /// <summary>Whether a second factor is enrolled and confirmed.</summary>
    [Id(6)] public bool SecondFactor { get; init; }

    /// <summary>A role that waits for a second person's approval.</summary>
    [Id(7)] public string? ProposedRole { get; init; }
    [Id(8)] public string? ProposedBy { get; init; }

    public override string ToString() => "[user]";
}
