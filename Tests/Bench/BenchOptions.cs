namespace AMA.Tests.Bench;

/// <summary>What to measure, from the command line.</summary>
public sealed record BenchOptions
{
    public const string Usage = """
        Usage: dotnet run -c Release --project Tests/Bench -- [options]
               dotnet run -c Release --project Tests/Bench -- keyroots   wraps of key roots, and nothing else
               dotnet run -c Release --project Tests/Bench -- leases     leases and key trees, and nothing else
               dotnet run -c Release --project Tests/Bench -- scale      writes of a sign-in and a directory, as they grow
               dotnet run -c Release --project Tests/Bench -- crowd      a sender among 11,000 that cost much and bring nothing
               dotnet run -c Release --project Tests/Bench -- accept     acceptance beside Postfix; accept --help tells more

          --messages N       messages to send, default 6208; beyond the corpus they repeat, each made different
          --connections N    SMTP connections, default 16
          --runs N           end-to-end runs, each in an empty archive, default 1
          --data DIR         parent of the archives' data directories, default the system's temporary folder
          --corpus DIR       folder with ordinary/, default AMA_CORPUS or ../shared/corpus
          --no-stages        leave out the stage timers
          --stages-only      leave out the end-to-end runs
        """;

    public int Messages { get; init; } = 6_208;
    public int Connections { get; init; } = 16;
    public int Runs { get; init; } = 1;
    public string Data { get; init; } = Path.GetTempPath();
    public string Corpus { get; init; } =
        Environment.GetEnvironmentVariable("AMA_CORPUS") ?? Path.Combine("..", "shared", "corpus");
    public bool EndToEnd { get; init; } = true;
    public bool Stages { get; init; } = true;

    /// <summary>Null: the arguments are not understood.</summary>
    public static BenchOptions? Parse(IReadOnlyList<string> args)
    {
        var options = new BenchOptions();
        for (var i = 0; i < args.Count; i++)
        {
            var flag = args[i] is "--no-stages" or "--stages-only";
            if (!flag && i + 1 >= args.Count) return null;
            if (Applied(options, args[i], flag ? "" : args[++i]) is not { } next) return null;
            options = next;
        }
        return options;
    }

    private static BenchOptions? Applied(BenchOptions options, string name, string value)
    {
        var isNumber = int.TryParse(value, out var number) && number > 0;
        return name switch
        {
            "--no-stages" => options with { Stages = false },
            "--stages-only" => options with { EndToEnd = false },
            "--data" => options with { Data = value },
            "--corpus" => options with { Corpus = value },
            "--messages" when isNumber => options with { Messages = number },
            "--connections" when isNumber => options with { Connections = number },
            "--runs" when isNumber => options with { Runs = number },
            _ => null,
        };
    }
}
