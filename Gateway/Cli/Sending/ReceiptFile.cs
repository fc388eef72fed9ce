using System.Text;

namespace AMA.Gateway.Cli.Sending;

/// <summary>
/// What became of each message, one line each, written as soon as it is known (docs/cli.md): source name, SHA-256 of
/// the bytes sent, outcome, receipt or reason, parted by tabs. Lines are added; earlier ones are never touched.
/// </summary>
internal sealed class ReceiptFile : IDisposable
{
    private readonly Lock _lock = new();
    private readonly StreamWriter _lines;

    public ReceiptFile(string path)
    {
        var file = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read);
        _lines = new(file, new UTF8Encoding(false)) { AutoFlush = true, NewLine = "\n" };
    }

    public static string Line(Outcome outcome) => string.Join('\t', Escape(outcome.Source), outcome.Sha256,
        Words.Of(outcome.Kind), Escape(outcome.Detail));

    public void Add(Outcome outcome)
    {
        lock (_lock) _lines.WriteLine(Line(outcome));
    }

    public void Dispose() => _lines.Dispose();

    /// <summary>What an earlier run has delivered. A line that a crash cut short counts as not delivered.</summary>
    public static HashSet<(string Source, string Sha256)> ReadDelivered(string path)
    {
        var delivered = new HashSet<(string, string)>();
        if (!File.Exists(path)) return delivered;
        foreach (var line in File.ReadLines(path))
            if (line.Split('\t') is [var source, { Length: 64 } sha256, "delivered", { Length: > 0 }])
                delivered.Add((source, sha256));
        return delivered;
    }

    /// <summary>The form of a name in the file: names may hold tabs and line ends.</summary>
    public static string Escape(string text)
    {
        if (!text.AsSpan().ContainsAny("\\\t\n\r")) return text;
        return text.Replace("\\", "\\\\").Replace("\t", "\\t").Replace("\n", "\\n").Replace("\r", "\\r");
    }
}
