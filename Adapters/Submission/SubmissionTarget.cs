using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace AMA.Adapters.Submission;

public enum SubmissionTls
{
    /// <summary>Plain connection, upgraded by STARTTLS (RFC 3207) before anything is said.</summary>
    StartTls,

    /// <summary>TLS from the first byte (RFC 8314).</summary>
    Implicit,
}

/// <summary>Where and how to deliver. There is no unencrypted way.</summary>
public sealed record SubmissionTarget
{
    /// <summary>Name or address of the server; also the name its certificate must carry, unless it is pinned.</summary>
    public required string Host { get; init; }

    public required int Port { get; init; }

    public SubmissionTls Tls { get; init; } = SubmissionTls.StartTls;

    public ServerTrust Trust { get; init; } = ServerTrust.System;

    /// <summary>What EHLO says.</summary>
    public string EhloName { get; init; } = "localhost";

    /// <summary>AUTH PLAIN inside TLS, or null: none.</summary>
    public SubmissionCredentials? Credentials { get; init; }

    /// <summary>How long to wait for one reply. Default five minutes, as RFC 5321 §4.5.3.2 asks of clients.</summary>
    public TimeSpan ReplyTimeMax { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long to wait for the answer to a whole message: ten minutes in the RFC.</summary>
    public TimeSpan AcceptTimeMax { get; init; } = TimeSpan.FromMinutes(10);
}

/// <summary>Whom to believe that it is the server.</summary>
public sealed record ServerTrust
{
    private readonly Func<X509Certificate2, bool>? _decide;
    private readonly X509Certificate2Collection? _authorities;

    private ServerTrust(Func<X509Certificate2, bool>? decide, X509Certificate2Collection? authorities) =>
        (_decide, _authorities) = (decide, authorities);

    /// <summary>The machine's certificate authorities, and the host's name in the certificate.</summary>
    public static ServerTrust System { get; } = new(null, null);

    /// <summary>Anybody. For tests on one machine: whoever stands between can read all.</summary>
    public static ServerTrust Anybody { get; } = new(_ => true, null);

    /// <summary>Exactly the certificate with this SHA-256 (64 hex digits; colons and case don't matter).</summary>
    public static ServerTrust Fingerprint(string sha256)
    {
        var expected = sha256.Replace(":", "").ToUpperInvariant();
        if (expected.Length != 64 || !expected.All(char.IsAsciiHexDigit))
            throw new FormatException("a fingerprint is the 64 hex digits of a certificate's SHA-256");
        return new(c => c.GetCertHashString(HashAlgorithmName.SHA256) == expected, null);
    }

    /// <summary>Certificates issued by these authorities, with the host's name.</summary>
    public static ServerTrust Authorities(X509Certificate2Collection authorities) => new(null, authorities);

    internal bool? Decide(X509Certificate2 certificate) => _decide?.Invoke(certificate);

    internal X509ChainPolicy? ChainPolicy()
    {
        if (_authorities is null) return null;
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck, // a private authority seldom publishes lists
        };
        policy.CustomTrustStore.AddRange(_authorities);
        return policy;
    }
}

public sealed record SubmissionCredentials(string User, string Password)
{
    public override string ToString() => $"{User}, password not shown";
}

/// <summary>
/// The conversation can't go on: no connection, no TLS, a server that breaks the protocol or refuses the session.
/// <see cref="Reply"/> is what the server said, when it said something.
/// </summary>
public sealed class SubmissionException(string message, SmtpReply? reply = null, Exception? inner = null)
    : IOException(reply is null ? message : $"{message}: {reply}", inner)
{
    public SmtpReply? Reply { get; } = reply;

    /// <summary>A later try may succeed: everything but a 5xx and a certificate that isn't trusted.</summary>
    public bool Transient => Reply is not { Permanent: true }
        && InnerException is not global::System.Security.Authentication.AuthenticationException;
}
