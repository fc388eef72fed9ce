using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace AMA.Tests.Cluster.EndToEnd.World;

/// <summary>Every line that was logged, with all that a console or a file would show of it.</summary>
public sealed class CapturedLog : ILoggerProvider
{
    private readonly ConcurrentQueue<string> _lines = new();

    public IReadOnlyCollection<string> Lines => _lines;

    public bool Has(string text) => _lines.Any(line => line.Contains(text, StringComparison.Ordinal));

    public void Clear() => _lines.Clear();

    public ILogger CreateLogger(string categoryName) => new Logger(categoryName, _lines);

    public void Dispose()
    {
    }

    private sealed class Logger(string category, ConcurrentQueue<string> lines) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel level) => true;

        public void Log<TState>(
            LogLevel level, EventId id, TState state, Exception? fault, Func<TState, Exception?, string> format) =>
            lines.Enqueue($"{level} {category}: {format(state, fault)} {fault}");
    }
}
