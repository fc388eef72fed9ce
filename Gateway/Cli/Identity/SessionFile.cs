using System.Text.Json;
using System.Text.Json.Serialization;
using AMA.Gateway.Cli.Api;

namespace AMA.Gateway.Cli.Identity;

/// <summary>A session as it is kept between commands.</summary>
internal sealed record KeptSession(Uri Server, string Tenant, string User, string Token, DateTimeOffset ExpiresAt)
{
    /// <summary>Gets the next token; null in a file of an older version.</summary>
    public string? Renewal { get; init; }

    public DateTimeOffset? SessionEndsAt { get; init; }

    /// <summary>Nothing renews from then on.</summary>
    [JsonIgnore] public DateTimeOffset EndsAt => Renewal is null ? ExpiresAt : SessionEndsAt ?? ExpiresAt;

    public override string ToString() => $"{User} of {Tenant} at {Server}";
}

/// <summary>
/// Keeps the session between commands: the file AMA_CONFIG names (or session.json in the folder it names), otherwise
/// ama/session.json in the user's configuration folder. Readable by its owner alone, from its first byte on.
/// </summary>
internal sealed class SessionFile(string path)
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public string Path => path;

    public static SessionFile Locate(Surroundings around)
    {
        if (around.Variable("AMA_CONFIG") is { Length: > 0 } named)
            return new(Directory.Exists(named) ? System.IO.Path.Combine(named, "session.json") : named);
        var settings = around.Variable("XDG_CONFIG_HOME") is { Length: > 0 } given
            ? given
            : System.IO.Path.Combine(around.Variable("HOME") ?? ".", ".config");
        return new(System.IO.Path.Combine(settings, "ama", "session.json"));
    }

    /// <summary>Null when nobody is signed in. Throws <see cref="ExitCode.Usage"/> for a foreign file.</summary>
    public KeptSession? Read()
    {
        if (!File.Exists(path)) return null;
        try
        {
            var kept = JsonSerializer.Deserialize<KeptSession>(File.ReadAllText(path), JsonSerializerOptions.Web);
            if (kept is { Server: not null, Token.Length: > 0 })
                return kept with { Server = ServerAddress.Parse(kept.Server.ToString()) };
        }
        catch (JsonException)
        {
            // Said below, for a file of any other content as well.
        }
        throw new CliException(ExitCode.Usage, $"{path} is not a session of ama.", "Delete it and sign in again.");
    }

    public void Write(KeptSession session)
    {
        if (System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path)) is { } folder) MakeFolder(folder);
        // Not over the old file: its mode may be anything, and a token must not be readable for a moment.
        File.Delete(path);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = OwnerOnly;
        using var file = new FileStream(path, options);
        JsonSerializer.Serialize(file, session, JsonSerializerOptions.Web);
    }

    /// <summary>False when there was none.</summary>
    public bool Delete()
    {
        if (!File.Exists(path)) return false;
        File.Delete(path);
        return true;
    }

    private static void MakeFolder(string folder)
    {
        if (Directory.Exists(folder)) return;
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(folder);
        else Directory.CreateDirectory(folder, OwnerOnly | UnixFileMode.UserExecute);
    }
}
