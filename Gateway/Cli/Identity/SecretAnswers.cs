namespace AMA.Gateway.Cli.Identity;

/// <summary>
/// Answers to what a sign-in asks for: from the terminal, or line by line from standard input in the order of the
/// questions (password; new password; code), as far as they are asked.
/// </summary>
internal sealed class SecretAnswers(bool fromInput, Surroundings around)
{
    public string Ask(string question) => fromInput
        ? SecretInput.FromStandardInput(around)
        : SecretInput.FromTerminal(question, around);

    /// <summary>Asked twice on a terminal: nobody sees what they type.</summary>
    public string AskNew(string question)
    {
        var first = Ask(question);
        if (fromInput || Ask("The same again:") == first) return first;
        throw new CliException(ExitCode.Usage, "The two passwords differ.", "Try again; nothing was changed.");
    }
}
