namespace AMA.Gateway.Cli.Identity;

/// <summary>The operator token lies in a file, not on a command line, where all users see it.</summary>
internal static class OperatorTokenFile
{
    private const int BytesMax = 4096;

    public static bool Exists(string path) => File.Exists(path);

    /// <summary>Throws <see cref="ExitCode.NotAllowed"/> when it cannot be read.</summary>
    public static string Read(string path)
    {
        try
        {
            if (new FileInfo(path).Length <= BytesMax && File.ReadAllText(path).Trim() is { Length: > 0 } token
                && token.All(character => character is > ' ' and < '\x7f'))
                return token;
            throw new CliException(ExitCode.Usage, $"{path} does not hold an operator token.");
        }
        catch (Exception missing) when (missing is IOException or UnauthorizedAccessException)
        {
            throw new CliException(ExitCode.NotAllowed, $"The operator token file {path} cannot be read.",
                "AMA makes it in its data directory; name it with --operator-token-file or --data-directory, "
                + "and run this as the user AMA runs as.", missing);
        }
    }
}
