using AMA.Tests.Cluster.EndToEnd.World;
using AMA.Tests.Cluster.Identity;
using Xunit;

namespace AMA.Tests.Cluster.Faults;

/// <summary>
/// Every call that makes a message durable fails in turn. Only "250 and there" or "4xx or no answer, and whole or not
/// there" is allowed; docs/faults.md is the table of all of them. Needs strace and root.
/// </summary>
public sealed class GatewayFaultTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const int KillsInSample = 2;

    private readonly GatewayProcess _process = new();

    private SeparateArchive Archive => _process.Archive;

    public async ValueTask InitializeAsync()
    {
        if (Environment.IsPrivilegedProcess) await _process.InitializeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_process.Archive is not null) await _process.DisposeAsync();
    }

    /// <summary>Each call once, with an error by chance, in a store by chance; and two kills.</summary>
    [Fact]
    public async Task Threat_12_Threat_13_EachCallFails_NothingAcknowledgedIsLost_AndNothingIsTorn()
    {
        var random = Seed.New(output);
        var run = await BeginAsync();
        var calls = Distinct(await run.RecordAsync(MessageKind.Small));
        Assert.Superset(new HashSet<string> { "openat", "pwrite64", "fsync", "renameat2" }, NamesOf(calls));
        var store = random.Next(2) == 0 ? "a" : "b";
        foreach (var call in calls.Where(call => call.Store == store))
            await TryAsync(run, call, FaultRun.Errors[random.Next(FaultRun.Errors.Length)], MessageKind.Small);
        var killed = calls.Where(call => call.Store != store).ToArray();
        random.Shuffle(killed);
        foreach (var call in killed.Take(KillsInSample)) await TryAsync(run, call, FaultRun.Kill, MessageKind.Small);
        await EndAsync(run);
    }

    /// <summary>The whole matrix, a quarter of an hour; AMA_FAULTS_PAGE names the page that gets the table.</summary>
    [Fact(Explicit = true)]
    public async Task FaultMatrix_InFull()
    {
        var run = await BeginAsync();
        var table = new FaultTable();
        foreach (var kind in Enum.GetValues<MessageKind>())
        {
            await run.RestartAsync();
            var first = Distinct(await run.RecordAsync(kind));
            var always = Distinct(await run.RecordAsync(kind)).ToHashSet();
            foreach (var call in first)
            foreach (var fault in new[] { FaultRun.Errors, [FaultRun.Kill] }.SelectMany(some => some))
            {
                // Calls that only the first message after a start makes.
                if (!always.Contains(call)) await run.RestartAsync();
                table.Add(kind, call, fault, await TryAsync(run, call, fault, kind));
            }
        }
        var kept = await EndAsync(run);
        if (Environment.GetEnvironmentVariable("AMA_FAULTS_PAGE") is { Length: > 0 } page) table.WriteTo(page, kept);
    }

    private async Task<FaultRun> BeginAsync()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root may look into a process that is closed to others");
        await Archive.KillAsync("AMA.Silo.Archive");
        return new FaultRun(Archive, _process.Tenant, _process.Traces);
    }

    private async Task<Sent> TryAsync(FaultRun run, SystemCall call, string fault, MessageKind kind)
    {
        var sent = await run.FailAsync(call, fault, kind);
        output.WriteLine($"{call.Name} of the {call.Place} of store {call.Store}, {fault}: {sent.Code}");
        return sent;
    }

    private async Task<HashSet<string>> EndAsync(FaultRun run)
    {
        await run.RestartAsync(); // deletions that were under way are over
        run.CheckSpool();
        await Archive.StartSiloAsync();
        return await run.CheckArchiveAsync();
    }

    /// <summary>One that is made several times fails each time; what is foreseen by its name only.</summary>
    private static List<SystemCall> Distinct(IEnumerable<SystemCall> calls) =>
        [.. calls.Where(call => call.Place is SystemCall.Temporary or SystemCall.Segments or SystemCall.Root).Distinct()];

    private static HashSet<string> NamesOf(IEnumerable<SystemCall> calls) => [.. calls.Select(call => call.Name)];
}
