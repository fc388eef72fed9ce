using AMA.Adapters.Local;
using AMA.Archive.Ids;
using AMA.Archive.Keys;
using AMA.Archive.Retention;
using AMA.Archive.Sealing;

namespace AMA.Tests.Bench.Leases;

/// <summary>
/// An epoch of a million leaves, of which some are erased: time, nodes and bytes of the state. And what one message costs
/// under its leaf's key.
/// </summary>
public sealed class TreeRun(TextWriter to, TimeProvider time)
{
    private const int Leaves = 1_000_000;
    private const int Punctures = 1_001;
    private const int Reads = 20_000;
    private const int PayloadBytes = 4_000;

    public void Run()
    {
        to.WriteLine($"\n## A key tree, {Leaves} leaves given, {Punctures} erased\n");
        to.WriteLine("| erased | µs per puncture | nodes | bytes of state | µs per leaf read | export and import ms |");
        to.WriteLine("| --- | --- | --- | --- | --- | --- |");
        var random = new Random(1);
        Measure("at random", Enumerable.Range(0, Punctures).Select(_ => (uint)random.Next(Leaves)), random);
        Measure("in a row", Enumerable.Range(500_000, Punctures).Select(leaf => (uint)leaf), random);
        MeasureSeal();
    }

    private void MeasureSeal()
    {
        using var key = Secret.Random(SystemRandom.Instance);
        var now = DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds());
        var header = new AmaHeader(
            0, 0, Region.Eu, RetentionPart.At(new(SystemRandom.Instance.NextId()), now), new(SystemRandom.Instance.NextId()), 7,
            now, RetentionPolicy.Default.Hash, 0);
        var payload = SystemRandom.Instance.NextBytes(PayloadBytes);
        var message = SealedMessage.Seal(key.Span, header, payload, SystemRandom.Instance);
        var start = time.GetTimestamp();
        for (var i = 0; i < Reads; i++) SealedMessage.Seal(key.Span, header, payload, SystemRandom.Instance);
        var sealing = time.GetElapsedTime(start);
        start = time.GetTimestamp();
        for (var i = 0; i < Reads; i++) SealedMessage.Open(key.Span, message, out _);
        var opening = time.GetElapsedTime(start);
        to.WriteLine(FormattableString.Invariant(
            $"\nA message of {PayloadBytes} bytes: seal {sealing.TotalMicroseconds / Reads:F1} µs, open {opening.TotalMicroseconds / Reads:F1} µs."));
    }

    private void Measure(string title, IEnumerable<uint> leaves, Random random)
    {
        using var tree = KeyTree.Create(SystemRandom.Instance);
        uint[] erased = [.. leaves];
        var start = time.GetTimestamp();
        foreach (var leaf in erased) tree.Puncture(leaf);
        var punctured = time.GetElapsedTime(start);

        start = time.GetTimestamp();
        using var state = tree.Export();
        using (KeyTree.Import(state.Span)) { }
        var stored = time.GetElapsedTime(start);

        start = time.GetTimestamp();
        for (var i = 0; i < Reads; i++)
            if (tree.TryLeaf((uint)random.Next(Leaves), out var key)) key.Dispose();
        var read = time.GetElapsedTime(start);
        to.WriteLine(FormattableString.Invariant(
            $"| {title} | {punctured.TotalMicroseconds / erased.Length:F1} | {tree.NodeCount} | {state.Length} | {read.TotalMicroseconds / Reads:F1} | {stored.TotalMilliseconds:F2} |"));
    }
}
