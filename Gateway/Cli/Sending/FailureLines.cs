using AMA.Gateway.Cli.Output;

namespace AMA.Gateway.Cli.Sending;

/// <summary>Keeps the first messages that did not go, to be told after the progress bar has left the screen.</summary>
internal sealed class FailureLines(Invocation call)
{
    private const int ShownMax = 20;

    private readonly Lock _lock = new();
    private readonly List<Outcome> _shown = [];
    private int _count;

    public void Add(Outcome outcome)
    {
        if (outcome.Kind is OutcomeKind.Delivered or OutcomeKind.Known) return;
        lock (_lock)
        {
            if (++_count <= ShownMax) _shown.Add(outcome);
        }
    }

    public void Tell()
    {
        lock (_lock)
        {
            foreach (var (source, _, kind, detail) in _shown)
                call.Note($"{Words.Of(kind)}: {Printable.Of(source)}: {Printable.Of(detail)}");
            if (_count > ShownMax) call.Note($"… and {_count - ShownMax} more (--receipts FILE names them all).");
        }
    }
}
