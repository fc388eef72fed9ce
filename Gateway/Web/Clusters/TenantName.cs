using System.Diagnostics.CodeAnalysis;
using AMA.Archive.Access;

namespace AMA.Gateway.Web.Clusters;

/// <summary>
/// A tenant's name (<see cref="DirectoryRules.IsTenantName"/>), lower case. It stands in a grain key
/// ("{region}/{name}"), so anything else, a slash above all, must stop before the key is built.
/// </summary>
internal readonly record struct TenantName
{
    private readonly string _text;

    private TenantName(string text) => _text = text;

    public static bool TryParse([NotNullWhen(true)] string? text, out TenantName name)
    {
        name = default;
        if (text is not { Length: <= DirectoryRules.TenantNameCharsMax }) return false;
        var lower = text.ToLowerInvariant();
        if (!DirectoryRules.IsTenantName(lower)) return false;
        name = new(lower);
        return true;
    }

    public override string ToString() => _text;
}
