using System.Buffers.Binary;
using System.Diagnostics;
using System.Text;

namespace AMA.Tests.Bench.Accept;

/// <summary>
/// Acceptance beside Postfix: the peers' benchmark (accept.py) drives both, in turns, a cell of the table at a time.
/// </summary>
internal sealed class AcceptRun(AcceptOptions options, TextWriter output)
{
    private const int BigMessages = 4;
    private const int BigBytes = 10_000_000;
    private const int LineBytes = 76;

    /// <summary>As a gateway that has run for a minute: compiled, its memory in place.</summary>
    private const int FirstMessages = 4_000;

    /// <summary>
    /// accept.py as it is, but for the messages before those that count: 100 of each connection are too many of 10 MB.
    /// </summary>
    private const string Driver = """
        import sys
        sys.path.insert(0, sys.argv.pop(1))
        warm = int(sys.argv.pop(1))
        import accept
        measured = accept.measured
        accept.measured = lambda pid, settle, load: measured(pid, settle, lambda each: load(warm if each else None))
        accept.main()
        """;

    private static readonly (string Corpus, string Size)[] Sizes =
        [("real", "4 KB"), ("biz", "68 KB"), ("big", "10 MB")];

    public async Task RunAsync()
    {
        Directory.CreateDirectory(options.Scratch);
        await MakeMailAsync();
        var lines = new List<string>();
        foreach (var corpus in options.Cells.GroupBy(cell => cell.Corpus))
        {
            // One for each size: the queue of the one before goes with it.
            await using var archive = await ParkedArchive.StartAsync(options.Scratch);
            await AcceptAsync(archive, new("real", 16, FirstMessages, 1), runs: 1, peers: "");
            foreach (var cell in corpus) lines.AddRange(await MeasureAsync(archive, cell, lines.Count == 0));
        }
        if (options.Page is { } page) WriteInto(page, lines);
    }

    private async Task<List<string>> MeasureAsync(ParkedArchive archive, AcceptCell cell, bool withHead)
    {
        var table = await AcceptAsync(archive, cell, options.Runs, "postfix-hold");
        var rows = table.Split('\n').Where(line => line.StartsWith('|')).ToList();
        if (rows.Count < 3) throw new InvalidOperationException($"accept.py gave no table:\n{table}");
        var shown = rows.Skip(withHead ? 0 : 2)
            .Select(row => row.Replace($" {cell.Corpus} ", $" {SizeOf(cell)} ")).ToList();
        foreach (var row in shown) await output.WriteLineAsync(row);
        return shown;
    }

    private static string SizeOf(AcceptCell cell) => Sizes.Single(size => size.Corpus == cell.Corpus).Size;

    private Task<string> AcceptAsync(ParkedArchive archive, AcceptCell cell, int runs, string peers) => PythonAsync(
        ["-c", Driver, options.Peers, $"{cell.WarmEach}", "--corpora", cell.Corpus, "--runs", $"{runs}",
        "--connections", $"{cell.Connections}", "--messages", $"{cell.Messages}", "--peers", peers, "--name", "ama",
        "--target", $"127.0.0.1:{archive.Port}", "--starttls", "--auth", archive.SignIn,
        "--rcpt", ParkedArchive.Journal, "--pid", $"{archive.GatewayId}"]);

    private async Task MakeMailAsync()
    {
        if (!options.HasMail)
            foreach (var name in new[] { "real", "biz" })
                await PythonAsync([Path.Combine(options.Peers, "corpus.py"), name]);
        var big = Path.Combine(options.Scratch, "big.flat");
        if (!File.Exists(big)) await File.WriteAllBytesAsync(big, BigMail());
    }

    /// <summary>Messages with an attachment in base64, as blast reads them: length, octets, dots stuffed.</summary>
    private static byte[] BigMail()
    {
        var random = new Random(BigBytes);
        var mail = new MemoryStream();
        var line = new byte[LineBytes / 4 * 3];
        for (var number = 0; number < BigMessages; number++)
        {
            var message = new StringBuilder($"From: a@bench.example\r\nSubject: big {number}\r\nMIME-Version: 1.0\r\n")
                .Append("Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\n");
            while (message.Length < BigBytes)
            {
                random.NextBytes(line);
                message.Append(Convert.ToBase64String(line)).Append("\r\n");
            }
            var length = new byte[sizeof(uint)];
            BinaryPrimitives.WriteUInt32LittleEndian(length, (uint)message.Length);
            mail.Write(length);
            mail.Write(Encoding.ASCII.GetBytes(message.ToString()));
        }
        return mail.ToArray();
    }

    private async Task<string> PythonAsync(string[] arguments)
    {
        var start = new ProcessStartInfo("/usr/bin/python3", arguments)
        {
            RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = options.Scratch,
        };
        start.Environment["BENCH_DIR"] = options.Scratch;
        start.Environment["CORPUS"] = options.Corpus;
        using var python = Process.Start(start)!;
        var errors = python.StandardError.ReadToEndAsync();
        var said = await python.StandardOutput.ReadToEndAsync();
        await python.WaitForExitAsync();
        return python.ExitCode == 0 ? said : throw new InvalidOperationException($"{said}\n{await errors}");
    }

    /// <summary>Replaces what stands between the marks.</summary>
    private static void WriteInto(string page, IEnumerable<string> lines)
    {
        const string begin = "<!-- accept -->";
        const string end = "<!-- /accept -->";
        var text = File.ReadAllText(page);
        var (from, to) = (text.IndexOf(begin, StringComparison.Ordinal), text.IndexOf(end, StringComparison.Ordinal));
        if (from < 0 || to < from) throw new InvalidOperationException($"{page} has no {begin} … {end}");
        File.WriteAllText(page, $"{text[..from]}{begin}\n{string.Join('\n', lines)}\n{text[to..]}");
    }
}
