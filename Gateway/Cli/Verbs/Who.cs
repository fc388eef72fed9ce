using System.CommandLine;
using AMA.Gateway.Cli.Identity;

namespace AMA.Gateway.Cli.Verbs;

/// <summary>A person at a tenant.</summary>
internal sealed record Who(string Tenant, string User);

/// <summary>Options that say who somebody is, for verbs that ask for the password.</summary>
internal sealed class WhoOptions
{
    private readonly bool _required;
    private readonly Option<string?> _tenant;
    private readonly Option<string?> _user;
    private readonly Option<bool> _fromInput = new("--password-stdin")
    {
        Description = "Read password, and whatever else is asked for, line by line from standard input.",
    };

    public WhoOptions(Command command, bool required)
    {
        _required = required;
        var otherwise = required ? "" : " Otherwise who is signed in.";
        _tenant = new("--tenant") { Description = $"The tenant.{otherwise}", HelpName = "NAME", Required = required };
        _user = new("--user") { Description = $"The user.{otherwise}", HelpName = "USER", Required = required };
        command.Add(_tenant);
        command.Add(_user);
        command.Add(_fromInput);
    }

    public Who Of(Invocation call)
    {
        var session = _required ? null : call.SessionFile.Read();
        var (tenant, user) = (call.Parsed.GetValue(_tenant), call.Parsed.GetValue(_user));
        return (tenant ?? session?.Tenant, user ?? session?.User) is ({ } at, { } name)
            ? new(at, name)
            : throw new CliException(ExitCode.Usage, "Whose account?", "Name it with --tenant and --user, or sign in.");
    }

    public SecretAnswers Answers(Invocation call) => new(call.Parsed.GetValue(_fromInput), call.Around);
}
