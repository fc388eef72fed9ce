using AMA.Gateway.Smtp.Protocol;

namespace AMA.Tests.Unit.Gateway.Smtp;

/// <summary>The user "relay" with the secret "open sesame"; "later" isn't known for certain.</summary>
internal sealed class OneSecret : ISourceCredentials
{
    public CredentialVerdict Check(string user, ReadOnlySpan<byte> secret) => user switch
    {
        "relay" when secret.SequenceEqual("open sesame"u8) => CredentialVerdict.Good,
        "later" => CredentialVerdict.NotNow,
        _ => CredentialVerdict.Wrong,
    };
}
