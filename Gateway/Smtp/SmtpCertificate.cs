using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using AMA.Archive.Blobs;

namespace AMA.Gateway.Smtp;

/// <summary>The certificate that senders see, with its private key, and the intermediates that go with it.</summary>
/// <param name="SelfSigned">Made by us: print <see cref="Fingerprint"/>, so that senders can be told.</param>
public sealed record SmtpCertificate(X509Certificate2 Certificate, X509Certificate2Collection Chain, bool SelfSigned)
{
    private const int SelfSignedYears = 10;
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    /// <summary>SHA-256 over the DER, 64 lower-case hex digits.</summary>
    public string Fingerprint => Certificate.GetCertHashString(HashAlgorithmName.SHA256).ToLowerInvariant();

    /// <summary>
    /// Loads the PEM file at <paramref name="path"/> (the certificate first, then its chain; the key in the same file),
    /// or, when it is empty, "tls/smtp.pem" in the data directory, which is made on the first start.
    /// </summary>
    /// <exception cref="CryptographicException">No certificate or no matching key in the file.</exception>
    /// <exception cref="IOException">The file can't be read or made.</exception>
    public static SmtpCertificate LoadOrCreate(
        string path, string dataDirectory, string hostName, IDurableFiles files, TimeProvider time)
    {
        if (path.Length > 0) return Load(path, selfSigned: false);
        var own = Path.Combine(dataDirectory, "tls", "smtp.pem");
        if (!File.Exists(own)) Create(own, hostName, files, time.GetUtcNow());
        return Load(own, selfSigned: true);
    }

    /// <exception cref="CryptographicException">No certificate or no matching key in the file.</exception>
    /// <exception cref="IOException">The file can't be read.</exception>
    internal static SmtpCertificate Load(string path, bool selfSigned)
    {
        var certificate = X509Certificate2.CreateFromPemFile(path);
        var chain = new X509Certificate2Collection();
        chain.ImportFromPemFile(path);
        chain.RemoveAt(0);
        return new SmtpCertificate(certificate, chain, selfSigned);
    }

    private static void Create(string path, string hostName, IDurableFiles files, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={hostName}", key, HashAlgorithmName.SHA256);
        var extensions = request.CertificateExtensions;
        extensions.Add(new X509BasicConstraintsExtension(false, false, 0, critical: true));
        extensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        extensions.Add(new X509EnhancedKeyUsageExtension([new(ServerAuthentication)], critical: false));
        extensions.Add(Names(hostName));
        using var certificate = request.CreateSelfSigned(now.AddHours(-1), now.AddYears(SelfSignedYears));
        var pem = $"{certificate.ExportCertificatePem()}\n{key.ExportPkcs8PrivateKeyPem()}\n";
        Write(path, Encoding.ASCII.GetBytes(pem), files);
    }

    private static X509Extension Names(string hostName)
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(hostName);
        if (hostName != "localhost") names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        names.AddIpAddress(IPAddress.IPv6Loopback);
        return names.Build();
    }

    /// <summary>For the owner's eyes from the first byte on, and whole or not there.</summary>
    private static void Write(string path, byte[] pem, IDurableFiles files)
    {
        var folder = Path.GetDirectoryName(path)!;
        Directory.CreateDirectory(folder);
        var temporary = path + ".new";
        File.Delete(temporary);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var file = new FileStream(temporary, options))
        {
            file.Write(pem);
            file.Flush();
            files.SyncFile(file.SafeFileHandle);
        }
        files.Replace(temporary, path);
        files.SyncDirectory(folder);
    }
}
