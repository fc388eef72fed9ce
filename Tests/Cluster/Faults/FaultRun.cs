using AMA.Adapters.Submission;
using AMA.Archive.Ids;
using AMA.Tests.Cluster.EndToEnd.World;
using AMA.Tests.Cluster.Identity;
using Xunit;

namespace AMA.Tests.Cluster.Faults;

/// <summary>Messages that go different ways to the disk, by their bytes.</summary>
internal enum MessageKind
{
    /// <summary>In a segment with others, through the page cache.</summary>
    Small = 10,

    /// <summary>In a segment that is written past the page cache.</summary>
    Medium = 300_000,

    /// <summary>Written piece by piece as it comes.</summary>
    Streamed = (1 << 20) + 300_000,
}

/// <summary>What a sender heard while a call failed: 250, 4xx, or (0) nothing.</summary>
internal sealed record Sent(string Marker, byte[] Message, int Code, string Text);

/// <summary>
/// A gateway that is a process of its own, with its spool to itself: the archive silo is away until the end. Single
/// messages are sent to it while a system call fails, each time another one.
/// </summary>
internal sealed class FaultRun(SeparateArchive archive, Tenant tenant, TempFolder traces)
{
    public const string Kill = "kill";

    public static readonly string[] Errors = ["EIO", "ENOSPC", "EDQUOT"];

    /// <summary>More files than this a gateway does not begin between two of its starts here.</summary>
    private const int TemporaryNamesMax = 300;

    private int _number;

    public List<Sent> All { get; } = [];

    /// <summary>The calls of one acceptance, in their order; those of a start's first one are more.</summary>
    public async Task<IReadOnlyList<SystemCall>> RecordAsync(MessageKind kind)
    {
        await using var strace = await Strace.AttachAsync(
            Gateway, traces.At("calls"), "-e", $"trace={SystemCall.Traced}");
        Assert.Equal(250, (await SendAsync(kind)).Code);
        var lines = await strace.DetachAsync();
        return
        [
            .. from line in lines
               from store in new[] { "a", "b" }
               let call = SystemCall.Read(line, store, archive.Spool(store))
               where call is not null
               select call,
        ];
    }

    /// <summary>
    /// One message while the call fails. After an error the gateway goes on, after a kill it is started again; either way
    /// it takes the next message.
    /// </summary>
    public async Task<Sent> FailAsync(SystemCall call, string fault, MessageKind kind)
    {
        await using var strace = await Strace.AttachAsync(
            Gateway, traces.At("fault"), [.. Paths(call), "-e", $"trace={call.Name}", "-e", Injection(call, fault)]);
        var sent = await SendAsync(kind);
        var lines = fault == Kill ? await strace.EndedAsync() : await strace.DetachAsync();
        var happened = fault == Kill ? "killed by SIGKILL" : "(INJECTED)";
        Assert.True(lines.Any(line => line.Contains(happened)), $"{call} was not met by {fault}");
        // The kernel may have dropped what it could not write: asked again it would say that all is well.
        if (call is { Name: "fsync", Place: SystemCall.Temporary } && fault != Kill)
            Assert.Single(lines, line => line.Contains("(INJECTED)"));
        if (fault == Kill) await RestartAsync();
        Assert.Equal(250, (await SendAsync(MessageKind.Small)).Code);
        return sent;
    }

    public async Task RestartAsync()
    {
        await archive.KillAsync("AMA.Gateway.Smtp");
        await archive.StartSmtpAsync();
        foreach (var store in new[] { "a", "b" })
        {
            // What the dead one left under way is gone.
            var left = Directory.GetFiles(Path.Combine(archive.Spool(store), ".tmp"), "*", SearchOption.AllDirectories);
            Assert.All(left, file => Assert.Contains(Path.GetFileName(file), new[] { "lock", "start" }));
        }
    }

    /// <summary>
    /// As the disks are, before anybody has read them: a message with a 250 lies in both stores, and whatever lies in both
    /// is the same there.
    /// </summary>
    public void CheckSpool()
    {
        foreach (var sent in All.Where(sent => sent.Code == 250))
        {
            Assert.True(DeliveryId.TryParse(sent.Text.Split(' ')[^1], out var delivery), sent.ToString());
            Assert.All(["a", "b"], store => Assert.True(File.Exists(Segment(store, $"{delivery.Segment}.amq1"))));
        }
        foreach (var name in Segments("a").Intersect(Segments("b")))
            Assert.Equal(Eml.Hash(File.ReadAllBytes(Segment("a", name))), Eml.Hash(File.ReadAllBytes(Segment("b", name))));
    }

    /// <summary>
    /// By way of the back end, which opens every segment there is: each message with a 250 once, others once or never, all
    /// whole, and nothing that can't be opened. The markers of those without a 250 that are there.
    /// </summary>
    public async Task<HashSet<string>> CheckArchiveAsync()
    {
        var status = await WaitUntil.AnswerAsync("all archived", tenant.Auditor.StatusAsync,
            s => s.Archived >= All.Count(sent => sent.Code == 250) && s.Indexed == s.Archived && s.Spool.Entries == 0);
        Assert.Equal((0, 0), (status.Duplicates, status.Quarantined));
        var listed = (await tenant.Auditor.AllAsync()).Where(item => item.Subject != GatewayProcess.First).ToList();
        Assert.Equal(listed.Count, listed.Select(item => item.Subject).Distinct().Count());
        var bySubject = All.ToDictionary(sent => sent.Marker);
        foreach (var item in listed)
            Assert.Equal(Eml.Hash(bySubject[item.Subject].Message), Eml.Hash(await tenant.Auditor.RawAsync(item.Id)));
        var there = listed.Select(item => item.Subject).ToHashSet();
        Assert.All(All.Where(sent => sent.Code == 250), sent => Assert.Contains(sent.Marker, there));
        return [.. All.Where(sent => sent.Code != 250 && there.Contains(sent.Marker)).Select(sent => sent.Marker)];
    }

    private int Gateway => archive.IdOf("AMA.Gateway.Smtp");

    private string Segment(string store, string name) => Path.Combine(archive.Spool(store), "segments", name);

    private IEnumerable<string> Segments(string store) =>
        Directory.GetFiles(Path.Combine(archive.Spool(store), "segments")).Select(path => Path.GetFileName(path));

    private async Task<Sent> SendAsync(MessageKind kind)
    {
        var marker = $"fault{++_number:x4}";
        var message = Eml.Of(marker, new string('x', (int)kind));
        var sent = new Sent(marker, message, 0, "");
        try
        {
            await using var session = await archive.ConnectAsync();
            var reply = await session.SendAsync(
                RunningArchive.Sender, [tenant.Journal], message, CancellationToken.None);
            sent = sent with { Code = reply.Code, Text = reply.Text };
        }
        catch (IOException)
        {
            // Killed: there was no answer.
        }
        Assert.True(sent.Code is 250 or 0 or 451 or 452, sent.ToString());
        All.Add(sent);
        return sent;
    }

    private static string Injection(SystemCall call, string fault) =>
        fault == Kill ? $"inject={call.Name}:signal=KILL" : $"inject={call.Name}:error={fault}";

    /// <summary>Exactly the files that are meant: a temporary one has a name that can be foreseen.</summary>
    private string[] Paths(SystemCall call)
    {
        var root = archive.Spool(call.Store);
        string[] paths = call.Place switch
        {
            SystemCall.Root => [root],
            SystemCall.Segments => [$"{root}/segments"],
            SystemCall.Temporary =>
            [
                .. from folder in Directory.GetDirectories($"{root}/.tmp")
                   from number in Enumerable.Range(1, TemporaryNamesMax)
                   select $"{folder}/{number:x}",
            ],
            _ => throw new NotSupportedException($"nobody knows before which {call.Place} will be used"),
        };
        return [.. paths.SelectMany(path => new[] { "-P", path })];
    }
}
