using System.Diagnostics.Metrics;
using AMA.Adapters.Hosting.Metrics;
using AMA.Archive.Spool;
using AMA.Gateway.Smtp.Protocol;
using AMA.Gateway.Smtp.Sessions;

namespace AMA.Gateway.Smtp.Metering;

/// <summary>What this gateway counts: docs/metrics.md. Ids only; no address, name or subject is ever a label.</summary>
internal sealed class SmtpMeters : IDisposable
{
    /// <summary>Reply codes have three digits.</summary>
    private const int CodesMax = 1_000;

    /// <summary>Seconds; the goal for the 99th percentile is 30 ms.</summary>
    private static readonly double[] SecondsBounds =
        [0.001, 0.0025, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

    private readonly Meter _meter = new(MeterNames.Smtp);
    private readonly SourceLabels _labels = new();
    private readonly KeyValuePair<string, object?>[] _codes =
        [.. Enumerable.Range(0, CodesMax).Select(code => new KeyValuePair<string, object?>("code", code))];
    private readonly Counter<long> _replies;
    private readonly Counter<long> _refusals;
    private readonly Counter<long> _accepted;
    private readonly Counter<long> _acceptedBytes;
    private readonly Counter<long> _notStored;
    private readonly Histogram<double> _seconds;

    public SmtpMeters(OpenSessions sessions, IDirectoryBook book)
    {
        _meter.CreateObservableGauge("ama.smtp.connections", () => sessions.Count, null, "Connections that are open.");
        _meter.CreateObservableGauge(
            "ama.smtp.directory.age", () => AgeOf(book), "s",
            "Since the back end was heard last; nothing before it was heard.");
        _replies = _meter.CreateCounter<long>("ama.smtp.replies", null, "Replies by code.");
        _refusals = _meter.CreateCounter<long>("ama.source.refusals", null, "Refused by tenant, source and reason.");
        _accepted = _meter.CreateCounter<long>("ama.smtp.accepted", null, "Messages answered with 250.");
        _acceptedBytes = _meter.CreateCounter<long>("ama.smtp.accepted.size", "By", "Their bytes, as received.");
        _notStored = _meter.CreateCounter<long>("ama.smtp.not_stored", null, "Messages that the spool could not take.");
        _seconds = _meter.CreateHistogram(
            "ama.smtp.store.duration", "s", "From a message's end to its being durable.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = SecondsBounds });
    }

    public void Replied(int code) => _replies.Add(1, _codes[Math.Clamp(code, 0, CodesMax - 1)]);

    public void Refused(SourceRefusal refusal)
    {
        var label = _labels.Of(refusal.Tenant.Value, refusal.Source);
        _refusals.Add(1, label.TenantTag, label.SourceTag, new("reason", refusal.Reason));
    }

    public void Stored(Envelope envelope, long bytes, TimeSpan took)
    {
        var label = _labels.Of(envelope.Tenant.Value, envelope.Trace.Source);
        _accepted.Add(1, label.TenantTag, label.SourceTag);
        _acceptedBytes.Add(bytes, label.TenantTag, label.SourceTag);
        _seconds.Record(took.TotalSeconds);
    }

    public void NotStored(bool isFull) => _notStored.Add(1, new KeyValuePair<string, object?>("reason", isFull ? "full" : "failed"));

    public void Dispose() => _meter.Dispose();

    private static IEnumerable<Measurement<double>> AgeOf(IDirectoryBook book) =>
        book.Age is { } age ? [new(age.TotalSeconds)] : [];
}
