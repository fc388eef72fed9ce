using AMA.Archive.Ids;
using AMA.Gateway.Cli;

namespace AMA.Tests.Unit.Gateway.Cli;

/// <summary>The command in a folder of its own, with everything it gets from the world in a test's hands.</summary>
internal sealed class CommandUnderTest : IDisposable
{
    private readonly StringWriter _out = new();
    private readonly StringWriter _error = new();
    private readonly KeptBytes _bytes = new();

    public CommandUnderTest()
    {
        Folder = Directory.CreateTempSubdirectory("ama-cli-test-").FullName;
        Variables["AMA_CONFIG"] = Path.Combine(Folder, "config", "session.json");
        Variables["AMA_DATA_DIRECTORY"] = Path.Combine(Folder, "data");
    }

    public string Folder { get; }
    public Dictionary<string, string> Variables { get; } = [];
    public string Input { get; set; } = "";
    public bool OutIsTerminal { get; set; }
    public TimeProvider Time { get; set; } = new ImpatientTime();
    public string Out => _out.ToString();
    public string Error => _error.ToString();
    public byte[] OutBytes => _bytes.ToArray();
    public string SessionPath => Variables["AMA_CONFIG"];

    public Task<int> RunAsync(params string[] arguments)
    {
        _out.GetStringBuilder().Clear();
        _error.GetStringBuilder().Clear();
        _bytes.SetLength(0);
        return AmaCommand.RunAsync(arguments, new Surroundings
        {
            Out = _out,
            Error = _error,
            In = new StringReader(Input),
            OutBytes = () => _bytes,
            Variable = name => Variables.GetValueOrDefault(name),
            Time = Time,
            Random = new ZeroRandom(),
            OutIsTerminal = OutIsTerminal,
            Http = _ => new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false },
        });
    }

    public string WriteFile(string name, string content)
    {
        var path = Path.Combine(Folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);
        return path;
    }

    public void WriteOperatorToken(string token) => WriteFile("data/control/operator.token", token + "\n");

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private sealed class ZeroRandom : IRandom
    {
        public void Fill(Span<byte> destination) => destination.Clear();
    }

    /// <summary>The command closes its standard output; the test wants to read it afterwards.</summary>
    private sealed class KeptBytes : MemoryStream
    {
        protected override void Dispose(bool disposing)
        {
        }
    }
}

/// <summary>Waits take no time, and are remembered.</summary>
internal sealed class ImpatientTime : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly List<TimeSpan> _waits = [];
    private long _ticks;

    public TimeSpan[] Waits
    {
        get { lock (_lock) return [.. _waits]; }
    }

    public override DateTimeOffset GetUtcNow() => new(2026, 12, 1, 9, 0, 0, TimeSpan.Zero);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>As if every wait had been waited for.</summary>
    public override long GetTimestamp() => Volatile.Read(ref _ticks);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        lock (_lock) _waits.Add(dueTime);
        if (dueTime > TimeSpan.Zero) Interlocked.Add(ref _ticks, dueTime.Ticks);
        return base.CreateTimer(callback, state, TimeSpan.Zero, period);
    }
}
