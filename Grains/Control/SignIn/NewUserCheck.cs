using AMA.Archive.Access;
using AMA.Grains.Interfaces.Control;

namespace AMA.Grains.Control.SignIn;

/// <summary>Reads what somebody wants a user to be. Throws <see cref="ControlException"/> (Invalid).</summary>
public static class NewUserCheck
{
    public static (string Name, AccessRole Role, string[] Addresses) Of(NewUser user)
    {
        if (!DirectoryRules.TryUserName(user.User, out var name))
            throw Invalid("A user's name has 1 to 254 letters, digits and . _ - @ +.");
        if (user.Password is not null) CheckPassword(user.Password, name);
        return (name, Role(user.Role), Addresses(user.Addresses ?? []));
    }

    /// <summary>A role that accounts can have: an operator has none.</summary>
    public static AccessRole Role(string? text)
    {
        if (AccessRoles.TryParse(text, out var role) && AccessRoles.OfTenants.Contains(role)) return role;
        throw Invalid($"The role is one of {string.Join(", ", AccessRoles.OfTenants.Select(known => known.Text()))}.");
    }

    public static string[] Addresses(string[] texts)
    {
        var addresses = new HashSet<string>();
        foreach (var text in texts)
            addresses.Add(DirectoryRules.TryPersonAddress(text, out var address)
                ? address
                : throw Invalid("One of the addresses is none."));
        if (addresses.Count > AccessGrant.AddressesMax)
            throw Invalid($"A user has at most {AccessGrant.AddressesMax} addresses.");
        return [.. addresses];
    }

    public static void CheckPassword(string? password, string user)
    {
        if (!DirectoryRules.IsPassword(password)) throw Invalid("A password has 12 to 1024 characters.");
        if (string.Equals(password, user, StringComparison.OrdinalIgnoreCase))
            throw Invalid("The user's name is no password.");
    }

    private static ControlException Invalid(string why) => new(ControlRefusal.Invalid, why);
}
