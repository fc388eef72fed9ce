using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using AMA.Adapters.Submission;

namespace AMA.Gateway.Cli.Sending;

/// <summary>
/// Whom to believe that it is the server: what was said on the command line; else, for a server on this machine, the
/// certificate that lies in its data directory; else the machine's certificate authorities.
/// </summary>
internal sealed record TrustChoice(string? Fingerprint, string? AuthoritiesFile, bool Insecure)
{
    public ServerTrust Resolve(SmtpAddress server, string dataDirectory)
    {
        if (Insecure) return ServerTrust.Anybody;
        if (Fingerprint is not null) return OfFingerprint(Fingerprint);
        if (AuthoritiesFile is not null) return ServerTrust.Authorities(ReadAuthorities(AuthoritiesFile));
        return server.IsThisMachine && OwnCertificate(dataDirectory) is { } own
            ? ServerTrust.Fingerprint(own)
            : ServerTrust.System;
    }

    private static ServerTrust OfFingerprint(string text)
    {
        try
        {
            return ServerTrust.Fingerprint(text);
        }
        catch (FormatException wrong)
        {
            throw new CliException(ExitCode.Usage, "--tls-fingerprint takes a SHA-256: 64 hex digits.",
                "AMA prints it when it starts.", wrong);
        }
    }

    private static X509Certificate2Collection ReadAuthorities(string file)
    {
        var authorities = new X509Certificate2Collection();
        try
        {
            authorities.ImportFromPemFile(file);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException
            or CryptographicException)
        {
            throw new CliException(ExitCode.Usage, $"{file} cannot be read as PEM certificates.", inner: unreadable);
        }
        return authorities.Count > 0
            ? authorities
            : throw new CliException(ExitCode.Usage, $"{file} holds no certificate.");
    }

    /// <summary>
    /// The self-signed certificate that AMA makes on its first start. Who can read that directory runs AMA or could,
    /// so what lies there is as good as a fingerprint read off the server's screen. Null: there is none to be read.
    /// </summary>
    private static string? OwnCertificate(string dataDirectory)
    {
        try
        {
            using var own = X509Certificate2.CreateFromPem(
                File.ReadAllText(Path.Combine(dataDirectory, "tls", "smtp.pem")));
            return own.GetCertHashString(HashAlgorithmName.SHA256);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException
            or CryptographicException)
        {
            return null;
        }
    }
}
