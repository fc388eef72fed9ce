namespace AMA.Gateway.Smtp.Protocol;

/// <summary>
/// What a session may cost: refused commands make each further refusal come later, and too many of them, or too many
/// commands that lead to no message, end it.
/// </summary>
internal sealed class SessionToll(SmtpRules rules)
{
    /// <summary>Refusals that cost nothing: any client may meet one or two of ours.</summary>
    private const int FreeErrors = 3;

    /// <summary>Doubling stops here; the rules' own limit is far below 2^20 seconds.</summary>
    private const int DoublingsMax = 20;

    private int _errors;
    private int _commands;

    public SmtpStep Count(SmtpStep step)
    {
        if (++_commands > rules.CommandsMax) return new(Replies.TooManyCommands, SmtpAction.Close);
        if (!step.Reply.IsRefusal) return step;
        if (++_errors > rules.ErrorsMax) return new(Replies.TooManyErrors, SmtpAction.Close);
        return step with { Pause = PauseAfter(_errors) };
    }

    /// <summary>A message was taken: whoever brings mail may have as many commands again. Errors stay.</summary>
    public void Forgive() => _commands = 0;

    private TimeSpan PauseAfter(int errors)
    {
        if (errors <= FreeErrors) return TimeSpan.Zero;
        var seconds = TimeSpan.FromSeconds(1 << Math.Min(errors - FreeErrors - 1, DoublingsMax));
        return seconds < rules.TarpitMax ? seconds : rules.TarpitMax;
    }
}
