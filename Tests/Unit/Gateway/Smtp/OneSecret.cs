using AMA.Gateway.Smtp.Protocol;

namespace AMA.Tests.Unit.Gateway.Smtp;

/// <summary>The user "relay" with the secret "open sesame".</summary>
internal sealed class OneSecret : ISourceCredentials
{
    public string? Identify(string user, ReadOnlySpan<byte> secret) =>
        user == "relay" && secret.SequenceEqual("open sesame"u8) ? user : null;
}
