using AMA.Adapters.Local;
using AMA.Archive.Ids;
using AMA.Archive.Spool;
using AMA.Tests.Bench.Corpus;
using AMA.Tests.Bench.Embedded;

namespace AMA.Tests.Bench.Stages;

public sealed record StageFigures(int Messages, long Bytes, StageClock Clock);

/// <summary>
/// The same mail through Core alone, on one thread: what each stage costs without TLS, SMTP and grains.
/// </summary>
public static class StageRun
{
    /// <summary>Messages committed together; the archive takes up to 512.</summary>
    private const int BatchMessages = 128;

    public static StageFigures Measure(CorpusMail mail, BenchOptions options, TimeProvider time)
    {
        RunOnce(mail, options, time); // compiles and warms
        return new(mail.Messages.Count, mail.Bytes, RunOnce(mail, options, time));
    }

    private static StageClock RunOnce(CorpusMail mail, BenchOptions options, TimeProvider time)
    {
        var clock = new StageClock();
        var folder = Directory.CreateDirectory(
            Path.Combine(options.Data, $"ama-bench-stages-{SystemRandom.Instance.NextId():N}")).FullName;
        var tenant = new TenantId(SystemRandom.Instance.NextId());
        try
        {
            using var spool = new SpoolStages(clock, folder, time.GetUtcNow());
            using var archive = new ArchiveStages(clock, folder, tenant, time);
            foreach (var batch in mail.Messages.Chunk(BatchMessages))
            {
                var arriving = batch.Select(raw => (EnvelopeOf(tenant, time), raw)).Chunk(options.Connections);
                archive.Run([.. arriving.SelectMany(spool.Run)]);
            }
            archive.Save();
            return clock;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static Envelope EnvelopeOf(TenantId tenant, TimeProvider time) => new(
        tenant, "bench@sender.example", [new(ArchiveClient.Journal, new MailboxId(tenant.Value))],
        new(DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds()), "127.0.0.1",
            "bench.example", "TLSv1.3", "TLS_AES_256_GCM_SHA384", null, false, false, null, null));
}
