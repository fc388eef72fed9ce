using System.Diagnostics.Metrics;
using AMA.Adapters.Hosting.Metrics;
using AMA.Gateway.Smtp.Metering;
using AMA.Gateway.Smtp.Sessions;
using AMA.Grains.Archive.Metering;
using AMA.Tests.Unit.Gateway.Cli;
using Xunit;

namespace AMA.Tests.Unit.Gateway.Smtp;

/// <summary>docs/metrics.md is what alarms are written by: it names every metric there is, and no other.</summary>
public sealed class MetricsPageTests
{
    [Fact]
    public void NamesEveryMetric_AndNoOther()
    {
        var page = File.ReadAllText(CliPageTests.RepositoryFile("docs", "metrics.md"));
        var named = page.Split('\n').Where(line => line.StartsWith("| `ama_", StringComparison.Ordinal))
            .Select(line => line.Split('`')[1].Split('{')[0]).Order(StringComparer.Ordinal);
        Assert.Equal(Published().Order(StringComparer.Ordinal), named);
    }

    private static List<string> Published()
    {
        var names = new List<string>();
        using var archive = new ArchiveMeters();
        using var smtp = new SmtpMeters(new OpenSessions(new(), TimeProvider.System), new FixedBook());
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, _) =>
        {
            // Other tests have meters of the same names: each metric counts once.
            if (instrument.Meter.Name is MeterNames.Smtp or MeterNames.Archive
                && !instrument.Name.StartsWith("ama.test", StringComparison.Ordinal)) names.Add(NameOf(instrument));
        };
        listener.Start();
        return [.. names.Distinct()];
    }

    /// <summary>As OpenTelemetry writes it for Prometheus.</summary>
    private static string NameOf(Instrument instrument)
    {
        var unit = instrument.Unit switch { "s" => "_seconds", "By" => "_bytes", "%" => "_percent", _ => "" };
        var total = instrument is Counter<long> or ObservableCounter<long> ? "_total" : "";
        return instrument.Name.Replace('.', '_') + unit + total;
    }
}
