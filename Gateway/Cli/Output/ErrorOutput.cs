namespace AMA.Gateway.Cli.Output;

/// <summary>Two sentences for people, one JSON line for programs; never on standard output.</summary>
internal static class ErrorOutput
{
    public static ExitCode Write(Surroundings around, bool json, CliException ended)
    {
        if (json)
        {
            var line = new { error = ended.Message, advice = ended.Advice, exitCode = (int)ended.Code };
            around.Error.WriteLine(CliJson.Of(line));
            return ended.Code;
        }
        around.Error.WriteLine($"ama: {ended.Message}");
        if (ended.Advice is not null) around.Error.WriteLine($"     {ended.Advice}");
        return ended.Code;
    }
}
