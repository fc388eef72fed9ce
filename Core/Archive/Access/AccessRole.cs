using System.Text.Json;

namespace AMA.Archive.Access;

/// <summary>What a person is to the archive. In documents and over REST by its text, kebab case.</summary>
public enum AccessRole
{
    /// <summary>Sees mail whose envelope or headers name one of their addresses.</summary>
    User,
    /// <summary>Sees the tenant's whole archive.</summary>
    Auditor,
    /// <summary>Keeps the tenant's users; sees no mail.</summary>
    TenantAdmin,
    /// <summary>The tenant's half of dual control; sees no mail.</summary>
    SecurityOfficerTenant,
    /// <summary>The provider's half of dual control, for one tenant; sees no mail.</summary>
    SecurityOfficerProvider,
    /// <summary>Sees health, never content.</summary>
    Operator,
}

/// <summary>Roles as texts: "user", "auditor", "tenant-admin", "security-officer-tenant", and so on.</summary>
public static class AccessRoles
{
    /// <summary>Those an account of a tenant can have.</summary>
    public static IReadOnlyList<AccessRole> OfTenants { get; } =
        [.. Enum.GetValues<AccessRole>().Where(role => role != AccessRole.Operator)];

    public static string Text(this AccessRole role) => JsonNamingPolicy.KebabCaseLower.ConvertName(role.ToString());

    /// <summary>False for anything but the exact text of a role.</summary>
    public static bool TryParse(string? text, out AccessRole role)
    {
        foreach (var known in Enum.GetValues<AccessRole>())
        {
            role = known;
            if (known.Text() == text) return true;
        }
        role = default;
        return false;
    }
}
