using System.CommandLine;
using AMA.Gateway.Cli.Api;
using AMA.Gateway.Cli.Identity;

namespace AMA.Gateway.Cli;

/// <summary>One call of a verb: its arguments, and who asks which server.</summary>
internal sealed class Invocation(ParseResult parsed, GlobalOptions options, Surroundings around)
{
    public ParseResult Parsed => parsed;
    public Surroundings Around => around;
    public bool Json => parsed.GetValue(options.Json);

    public string DataDirectory => parsed.GetValue(options.DataDirectory)
        ?? around.Variable("AMA_DATA_DIRECTORY") ?? GlobalOptions.DataDirectoryDefault;

    public SessionFile SessionFile => SessionFile.Locate(around);

    /// <summary>The server that was named, on the command line or by AMA_URL; null when none was.</summary>
    private Uri? NamedServer =>
        (parsed.GetValue(options.ServerUrl) ?? around.Variable("AMA_URL")) is { Length: > 0 } text
            ? ServerAddress.Parse(text)
            : null;

    public Uri Server =>
        NamedServer ?? SessionFile.Read()?.Server ?? ServerAddress.Parse(GlobalOptions.ServerUrlDefault);

    /// <summary>For what needs no identity: signing in.</summary>
    public ArchiveApi Anonymous() => new(Server, (string?)null, around);

    /// <summary>
    /// Who keeps the users of a tenant: the person signed in there, otherwise the operator. Null: the tenant of the
    /// session.
    /// </summary>
    public (ArchiveApi Api, string Tenant) AsKeeper(string? tenant, bool asOperator)
    {
        var session = around.Variable("AMA_TOKEN") is { Length: > 0 } ? null : SessionFile.Read();
        var named = tenant ?? session?.Tenant ?? throw new CliException(
            ExitCode.Usage, "Which tenant?", "Name it with --tenant, or sign in as its tenant-admin.");
        var signedInThere = session is null ? around.Variable("AMA_TOKEN") is not null : session.Tenant == named;
        return (asOperator || !signedInThere ? AsOperator() : AsPerson(), named);
    }

    public ArchiveApi AsOperator() => new(Server, OperatorTokenFile.Read(OperatorTokenPath), around);

    /// <summary>Throws <see cref="ExitCode.NotAllowed"/> when nobody is signed in at that server.</summary>
    public ArchiveApi AsPerson() => TryAsPerson() ?? throw new CliException(
        ExitCode.NotAllowed, "Nobody is signed in.", "Sign in: ama login --tenant TENANT --user USER");

    /// <summary>Null when nobody is signed in.</summary>
    public ArchiveApi? TryAsPerson()
    {
        if (around.Variable("AMA_TOKEN") is { Length: > 0 } token) return new(Server, token, around);
        if (SessionFile.Read() is not { } session) return null;
        // The token belongs to the server that gave it; another one must never see it.
        if (NamedServer is { } named && named != session.Server)
            throw new CliException(ExitCode.NotAllowed, $"You are signed in at {session.Server}, not at {named}.",
                $"Sign in there: ama login --server-url {named} --tenant TENANT --user USER");
        return new(session.Server, new RenewedToken(SessionFile, session, around).GetAsync, around);
    }

    public string OperatorTokenPath => parsed.GetValue(options.OperatorTokenFile)
        ?? around.Variable("AMA_OPERATOR_TOKEN_FILE") ?? Path.Combine(DataDirectory, "control", "operator.token");

    /// <summary>A line of result.</summary>
    public void Say(string line) => around.Out.WriteLine(line);

    /// <summary>A remark beside the result; scripts that read JSON don't get any.</summary>
    public void Note(string line)
    {
        if (!Json) around.Error.WriteLine(line);
    }
}
