using System.Text;
using Microsoft.Extensions.Logging;

namespace AMA.Tests.Cluster.Identity;

/// <summary>What a start says when it waits; then it is told to stop waiting.</summary>
internal sealed class SaidLog(Action said) : ILogger
{
    private readonly StringBuilder _text = new();

    public string Text => _text.ToString();

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel level) => true;

    public void Log<TState>(
        LogLevel level, EventId id, TState state, Exception? fault, Func<TState, Exception?, string> format)
    {
        _text.AppendLine(format(state, fault));
        said();
    }
}
