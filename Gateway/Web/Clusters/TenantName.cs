using System.Diagnostics.CodeAnalysis;

namespace AMA.Gateway.Web.Clusters;

/// <summary>
/// A tenant's name, lower case: 1 to 63 letters, digits, '-', '_' or '.', beginning with a letter or digit. It stands
/// in a grain key ("{region}/{name}"), so anything else, a slash above all, must stop before the key is built.
/// </summary>
internal readonly record struct TenantName
{
    public const int LengthMax = 63;

    private readonly string _text;

    private TenantName(string text) => _text = text;

    public static bool TryParse([NotNullWhen(true)] string? text, out TenantName name)
    {
        name = default;
        if (text is not { Length: >= 1 and <= LengthMax } || !char.IsAsciiLetterOrDigit(text[0])) return false;
        foreach (var character in text)
            if (!char.IsAsciiLetterOrDigit(character) && character is not ('-' or '_' or '.'))
                return false;
        name = new(text.ToLowerInvariant());
        return true;
    }

    public override string ToString() => _text;
}
