namespace AMA.Silo.Control.Roots;

/// <summary>What systemd hands to a service: files in $CREDENTIALS_DIRECTORY (systemd.exec, "CREDENTIALS").</summary>
internal static class CredentialFiles
{
    private const string Variable = "CREDENTIALS_DIRECTORY";

    /// <summary>Null: no such credential.</summary>
    public static string? PathOf(string name)
    {
        var directory = Environment.GetEnvironmentVariable(Variable);
        if (string.IsNullOrEmpty(directory) || name != Path.GetFileName(name)) return null;
        var path = Path.Combine(directory, name);
        return File.Exists(path) ? path : null;
    }
}
