using Spectre.Console;

namespace AMA.Gateway.Cli.Identity;

/// <summary>Passwords come from a terminal without echo, from standard input, or from a file.</summary>
internal static class SecretInput
{
    private const int CharactersMax = 1024;

    /// <summary>The first line of standard input.</summary>
    public static string FromStandardInput(Surroundings around) => Checked(around.In.ReadLine(), "Standard input");

    /// <summary>The first line of a file; "-" is standard input.</summary>
    public static string FromFile(string path, Surroundings around)
    {
        if (path == "-") return FromStandardInput(around);
        try
        {
            using var file = new StreamReader(path);
            return Checked(file.ReadLine(), path);
        }
        catch (Exception missing) when (missing is IOException or UnauthorizedAccessException)
        {
            throw new CliException(ExitCode.Usage, $"The password file {path} cannot be read.", inner: missing);
        }
    }

    /// <summary>Asks on the terminal; the question goes to standard error, so that results can be piped.</summary>
    public static string FromTerminal(string question, Surroundings around)
    {
        if (!around.InIsTerminal || !around.ErrorIsTerminal)
            throw new CliException(ExitCode.Usage, "There is no terminal to ask for the password on.",
                "Pass it through standard input: ama login … --password-stdin < FILE");
        var console = AnsiConsole.Create(new() { Out = new AnsiConsoleOutput(around.Error) });
        return Checked(console.Prompt(new TextPrompt<string>(Markup.Escape(question)).Secret(null)), "The terminal");
    }

    private static string Checked(string? line, string source) => line is { Length: > 0 and <= CharactersMax }
        ? line
        : throw new CliException(
            ExitCode.Usage, $"{source} has no password, or one of more than {CharactersMax} characters.");
}
