using System.Diagnostics.CodeAnalysis;
using AMA.Archive.Ids;

namespace AMA.Archive.Access;

/// <summary>What a process of the region is allowed to be.</summary>
public enum PeerRole
{
    /// <summary>Faces the outside and feeds the queue. Never gets a lease.</summary>
    Gateway,
    /// <summary>Closed: reads the queue, holds leases.</summary>
    Backend,
    /// <summary>A silo of Control.</summary>
    Control,
    /// <summary>Answers people and programs; signs them in. Never gets a lease.</summary>
    Web,
}

/// <summary>
/// Who a certificate's holder is: the URI "spiffe://ama/{region}/{role}/{name}" of its alternative name.
/// </summary>
/// <param name="Name">1 to 64 characters of [a-z0-9-].</param>
public sealed record PeerIdentity(Region Region, PeerRole Role, string Name)
{
    public const int NameCharsMax = 64;

    private const string Prefix = "spiffe://ama/";
    private static readonly string[] RoleTexts = ["gateway", "backend", "control", "web"];

    public override string ToString() => $"{Prefix}{Region.Text()}/{RoleText(Role)}/{Name}";

    public static bool TryParse(string? uri, [NotNullWhen(true)] out PeerIdentity? identity)
    {
        identity = null;
        if (uri is null || !uri.StartsWith(Prefix, StringComparison.Ordinal)) return false;
        var parts = uri[Prefix.Length..].Split('/');
        if (parts.Length != 3 || !RegionText.TryParse(parts[0], out var region)) return false;
        if (!TryParseRole(parts[1], out var role) || !IsName(parts[2])) return false;
        identity = new(region, role, parts[2]);
        return true;
    }

    /// <summary>"gateway", "backend", "control" or "web".</summary>
    public static bool TryParseRole(string? text, out PeerRole role)
    {
        var at = Array.IndexOf(RoleTexts, text);
        role = at < 0 ? PeerRole.Gateway : (PeerRole)at;
        return at >= 0;
    }

    public static string RoleText(PeerRole role) => RoleTexts[(int)role];

    public static bool IsName(string? name) =>
        name is { Length: > 0 and <= NameCharsMax }
        && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');
}
