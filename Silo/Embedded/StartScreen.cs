using AMA.Archive.Ids;

namespace AMA.Silo.Embedded;

/// <summary>What the operator reads after the start.</summary>
internal static class StartScreen
{
    public static async Task PrintAsync(EmbeddedHost host, TextWriter output)
    {
        var options = host.Options;
        var smtp = host.SmtpPorts;
        await output.WriteLineAsync($"""
            AMA is ready, region {options.Region.Text()}, data in {options.Data.Root}

              SMTP (STARTTLS)      {options.Smtp.Endpoint.Address}:{smtp.StartTls}
              SMTP (TLS)           {options.Smtp.ImplicitTlsEndpoint.Address}:{smtp.ImplicitTls}
              REST API             {host.WebAddress}v1, described at {host.WebAddress}openapi/v1.json
              operator token       {Path.GetFullPath(options.Control.OperatorTokenFile)}
              TLS certificate      {(host.Certificate.SelfSigned ? "self-signed, " : "")}SHA-256 {host.Certificate.Fingerprint}
            """);
        if (SameDisk(options.Data.Spool))
            await output.WriteLineAsync(
                "\nBoth spool directories are on one disk: fine for trying out, but one failure takes both copies.");
        await output.WriteLineAsync("\nCtrl-C stops in order.");
        await output.FlushAsync();
    }

    private static bool SameDisk(IReadOnlyList<string> directories) =>
        directories.Select(d => MountOf(d)).Distinct().Count() < directories.Count;

    private static string MountOf(string directory) => DriveInfo.GetDrives()
        .Select(d => d.RootDirectory.FullName)
        .Where(d => directory.StartsWith(d, StringComparison.Ordinal))
        .MaxBy(d => d.Length) ?? "/";
}
