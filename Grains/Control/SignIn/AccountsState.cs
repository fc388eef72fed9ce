using AMA.Archive.Access;

namespace AMA.Grains.Control.SignIn;

/// <summary>A tenant's local users.</summary>
public sealed record AccountsState
{
    public const int UsersMax = 10_000;

    public Guid Tenant { get; init; }

    public Account[] Users { get; init; } = [];

    public Account? Find(string name) => Array.Find(Users, user => user.Name == name);
}

/// <param name="Name">Lower case.</param>
/// <param name="Salt">16 random bytes.</param>
/// <param name="Hash">Argon2id of the password with it.</param>
public sealed record Account(
    string Name, AccessRole Role, string[] Addresses, byte[] Salt, byte[] Hash, DateTimeOffset CreatedAt);
