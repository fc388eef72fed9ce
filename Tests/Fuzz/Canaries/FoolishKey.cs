using AMA.Gateway.Smtp.Protocol;

namespace AMA.Tests.Fuzz.Canaries;

/// <summary>
/// Compares addresses without escaping what stands in quotes: two ways to write one address can then be told apart, and
/// two addresses can be taken for one.
/// </summary>
internal static class FoolishKey
{
    public static string Of(MailPath path) => path.LocalPart.Contains('"')
        ? $"\"{path.LocalPart.ToLowerInvariant()}\"@{path.Domain.ToLowerInvariant()}"
        : path.Key;
}
