using System.CommandLine;

namespace AMA.Gateway.Cli;

/// <summary>
/// Options that every verb takes. What is left out comes from the environment, otherwise it is the default.
/// </summary>
internal sealed class GlobalOptions
{
    public const string ServerUrlDefault = "http://127.0.0.1:8080";
    public const string DataDirectoryDefault = "./ama-data";

    public Option<bool> Json { get; } = new("--json")
    {
        Description = "Print results as JSON on standard output, errors as JSON on standard error.",
        Recursive = true,
    };

    public Option<string?> ServerUrl { get; } = new("--server-url")
    {
        Description = $"Address of the REST gateway. Otherwise AMA_URL, the server last signed in at, "
            + $"or {ServerUrlDefault}. Plain http only to this machine.",
        HelpName = "URL",
        Recursive = true,
    };

    public Option<string?> OperatorTokenFile { get; } = new("--operator-token-file")
    {
        Description = "File with the operator token. Otherwise AMA_OPERATOR_TOKEN_FILE, or control/operator.token "
            + "in the data directory.",
        HelpName = "FILE",
        Recursive = true,
    };

    public Option<string?> DataDirectory { get; } = new("--data-directory")
    {
        Description = "Data directory of an AMA on this machine: where the operator token and the SMTP certificate "
            + $"lie. Otherwise AMA_DATA_DIRECTORY, or {DataDirectoryDefault}.",
        HelpName = "DIRECTORY",
        Recursive = true,
    };

    public void AddTo(RootCommand root)
    {
        root.Add(Json);
        root.Add(ServerUrl);
        root.Add(OperatorTokenFile);
        root.Add(DataDirectory);
    }
}
