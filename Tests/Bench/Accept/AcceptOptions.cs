namespace AMA.Tests.Bench.Accept;

/// <summary>One line of the table: how many connections send what, and how many messages.</summary>
/// <param name="Corpus">Name of a flat file of the peers' benchmark.</param>
/// <param name="WarmEach">Messages that each connection sends before it counts.</param>
internal sealed record AcceptCell(string Corpus, int Connections, int Messages, int WarmEach);

/// <summary>Where the peers' benchmark is and how often to run, from the command line.</summary>
internal sealed record AcceptOptions
{
    public const string Verb = "accept";

    public const string Usage = """
        Usage: dotnet run -c Release --project Tests/Bench -- accept [options]

          --runs N         interleaved runs of each server, default 3; the table shows medians
          --connections N  only this many connections, default 1, 8, 64 and 256
          --peers DIR      the peers' benchmark (accept.py), default AMA_PEERS or ../shared/bench
          --page FILE      writes the table into this page, between its two marks

        Needs root, Debian's Postfix and python3, a C compiler, some 20 GB. BENCH_DIR is the scratch folder, default
        /var/tmp/ama-bench; CORPUS, default ../corpus beside the peers' benchmark, is only needed the first time.
        """;

    public int Runs { get; init; } = 3;
    public int? Connections { get; init; }
    public string Peers { get; init; } =
        Path.GetFullPath(Environment.GetEnvironmentVariable("AMA_PEERS") ?? Path.Combine("..", "shared", "bench"));
    public string? Page { get; init; }

    public string Scratch { get; } = Environment.GetEnvironmentVariable("BENCH_DIR") ?? "/var/tmp/ama-bench";

    public string Corpus =>
        Environment.GetEnvironmentVariable("CORPUS") ?? Path.GetFullPath(Path.Combine(Peers, "..", "corpus"));

    /// <summary>Of 4 KB, 68 KB and 10 MB; fewer where each is more.</summary>
    private static readonly (string Corpus, int Messages, int WarmMax)[] Mails =
        [("real", 6_208, 100), ("biz", 3_104, 50), ("big", 128, 1)];

    public IEnumerable<AcceptCell> Cells =>
        from mail in Mails
        from connections in Connections is { } only ? new[] { only } : [1, 8, 64, 256]
        let messages = Math.Max(connections == 1 ? mail.Messages / 4 : mail.Messages, connections)
        select new AcceptCell(
            mail.Corpus, connections, messages, Math.Clamp(messages / connections, 1, mail.WarmMax));

    /// <summary>Null: the arguments are not understood.</summary>
    public static AcceptOptions? Parse(IReadOnlyList<string> args)
    {
        var options = new AcceptOptions();
        if (args.Count % 2 != 0) return null;
        for (var i = 0; i < args.Count; i += 2)
        {
            var isNumber = int.TryParse(args[i + 1], out var number) && number > 0;
            AcceptOptions? next = args[i] switch
            {
                "--runs" when isNumber => options with { Runs = number },
                "--connections" when isNumber => options with { Connections = number },
                "--peers" => options with { Peers = Path.GetFullPath(args[i + 1]) },
                "--page" => options with { Page = args[i + 1] },
                _ => null,
            };
            if (next is null) return null;
            options = next;
        }
        return options;
    }

    /// <summary>What is missing on this machine, in words; empty: nothing.</summary>
    public IEnumerable<string> Missing()
    {
        if (!File.Exists(Path.Combine(Peers, "accept.py")))
            yield return $"the peers' benchmark: no accept.py in {Peers} (--peers)";
        if (!Environment.IsPrivilegedProcess) yield return "root: Postfix starts as nobody else";
        foreach (var path in new[] { "/usr/sbin/postfix", "/usr/bin/python3", "/usr/bin/gcc", "/usr/bin/make" })
            if (!File.Exists(path)) yield return $"{path}: Debian's package (peers/install.sh has them all)";
        if (!HasMail && !Directory.Exists(Path.Combine(Corpus, "ordinary")))
            yield return $"mail to send: no ordinary/ in {Corpus} (CORPUS)";
    }

    public bool HasMail => new[] { "real", "biz" }.All(name => File.Exists(Path.Combine(Scratch, $"{name}.flat")));
}
