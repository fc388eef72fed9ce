using AMA.Gateway.Cli.Api;
using AMA.Gateway.Cli.Identity;

namespace AMA.Gateway.Cli.Verbs;

/// <summary>Answers what the server asks for, one thing after the other, until there is a session.</summary>
internal sealed class SignInDialog(Invocation call, ArchiveApi api, Who who, SecretAnswers answers)
{
    /// <summary>Password, then a new one, then a code: a server that goes on asking is none of ours.</summary>
    private const int RoundsMax = 4;

    private string _password = "";
    private string? _code;

    public async Task<Session> RunAsync(CancellationToken cancel)
    {
        _password = answers.Ask($"Password of {who.User} at {who.Tenant}:");
        for (var round = 1; ; round++)
        {
            try
            {
                return (await api.PostAsync<Session>("/v1/session", Credentials, cancel)).Value;
            }
            catch (CliException refused) when (round < RoundsMax && refused.Problem is { } problem)
            {
                if (problem == "second-factor-enrolment-required")
                    return await new EnrolDialog(call, api, who, answers).RunAsync(_password, cancel);
                if (problem == "second-factor-required" && _code is null)
                    _code = answers.Ask("Code of the second factor, or a recovery code:");
                else if (problem == "password-change-required") await ChangeAsync(cancel);
                else throw;
            }
        }
    }

    private object Credentials => new { tenant = who.Tenant, user = who.User, password = _password, code = _code };

    private async Task ChangeAsync(CancellationToken cancel)
    {
        call.Note("This password was made for you, for once.");
        var chosen = answers.AskNew("A password of your own, 12 characters or more:");
        await api.DoAsync(HttpMethod.Post, "/v1/session/password", new
        {
            tenant = who.Tenant, user = who.User, password = _password, newPassword = chosen, code = _code,
        }, cancel);
        _password = chosen;
    }
}
