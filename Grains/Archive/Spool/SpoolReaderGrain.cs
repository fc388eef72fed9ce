using AMA.Archive.Blobs;
using AMA.Archive.Ids;
using AMA.Archive.Spool;
using AMA.Grains.Interfaces.Archive;
using Microsoft.Extensions.Logging;

namespace AMA.Grains.Archive.Spool;

/// <summary>
/// The only way in: lists the spool stores, checks and opens segments, and feeds each mailbox's records to its ingest
/// grain. Everything here may be lost at any moment: the segments are still there, and what was committed is known to
/// the log. A segment is deleted only when all of it is committed and in Backup, and is marked done for good.
/// </summary>
public sealed class SpoolReaderGrain(
    SpoolIntake intake, QueueTrust trust, SegmentFinisher finisher, TimeProvider time, ILogger<SpoolReaderGrain> log)
    : Grain, ISpoolReaderGrain
{
    private static readonly TimeSpan PollEvery = TimeSpan.FromSeconds(1);
    private const int BatchRecordsMax = 512;
    private const long BatchBytesMax = 8 << 20;

    /// <summary>Rows are looked over so often, not with each of a thousand rounds.</summary>
    private static readonly TimeSpan RowsEvery = TimeSpan.FromSeconds(1);

    /// <summary>Each holds up to a batch of mail, several times over, while it is sealed.</summary>
    private const int MailboxesRunningMax = 16;

    /// <summary>Beyond it new segments wait unread: what is known of a locked tenant's mail must not fill the memory.</summary>
    private const int SegmentsKnownMax = 20_000;

    /// <summary>Waiting deliveries named in one answer: some 10 MB.</summary>
    private const int QueuedMax = 100_000;

    private readonly Dictionary<SegmentId, SegmentWork> _segments = [];
    private readonly Dictionary<string, MailboxQueue> _mailboxes = [];
    private bool _pumping;
    private bool _again;
    private bool _ended;
    private bool _rowsLoaded;
    private long? _rowsChecked;
    private DateTimeOffset? _lookedAt;
    private DateTimeOffset _startedAt;
    private readonly WaitingSources _waitingSources = new();

    public override Task OnActivateAsync(CancellationToken cancel)
    {
        _startedAt = time.GetUtcNow();
        this.RegisterGrainTimer(_ => Wake(), new(TimeSpan.Zero, PollEvery) { KeepAlive = true });
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancel)
    {
        _ended = true;
        return Task.CompletedTask;
    }

    public Task Wake()
    {
        _again = true;
        if (!_pumping && !_ended) PumpAsync().Ignore();
        return Task.CompletedTask;
    }

    public async Task<SpoolView> Status(Guid? tenant)
    {
        TenantId? one = tenant is { } id ? new(id) : null;
        var unread = await intake.CountUnreadAsync(IsKnown);
        var waiting = _segments.Values.Where(s => s.Waiting(one) > 0).ToArray();
        var oldest = waiting.Select(s => (time.GetUtcNow() - s.Created).TotalSeconds).DefaultIfEmpty().Max();
        return new(waiting.Sum(s => (long)s.Waiting(one)) + (one is null ? unread : 0), Math.Max(0, oldest),
            await intake.CountQuarantinedAsync(one), one is null ? await intake.FreePercentAsync() : null)
        {
            AllRead = unread == 0,
            Gaps = one is null ? [.. finisher.Rows.Gaps.Take(StatusView.AlarmsMax).Select(View)] : [],
        };
    }

    public Task<SpoolSources> Sources(Guid? tenant)
    {
        var now = time.GetUtcNow();
        var oldest = _segments.Values.Where(s => !s.AllCommitted).Select(s => s.Created).DefaultIfEmpty(now).Min();
        var looked = _lookedAt ?? _startedAt;
        return Task.FromResult(new SpoolSources(
            _lookedAt, Math.Max(0, (now - (looked < oldest ? looked : oldest)).TotalSeconds),
            _waitingSources.Of(tenant is { } id ? new TenantId(id) : null)));
    }

    private static AlarmView View(KnownGap gap) => new(AlarmKinds.SequenceGap, gap.NoticedAt)
    {
        Gateway = gap.Gateway, First = gap.First, Last = gap.Last,
    };

    public async Task<QueuedView?> Find(Guid segment, uint recNo, Guid? tenant)
    {
        var delivery = new DeliveryId(new(segment), recNo);
        var known = _segments.GetValueOrDefault(delivery.Segment)?.Find(recNo);
        if (known is { } own && MayKnow(own)) return View(delivery, own);
        // Before anything else is said: while the queue is locked, others' receipts and none are answered alike.
        await trust.EnsureLeaseAsync();
        if (known is not null) return null;
        return await intake.FindAsync(delivery) is { } read && MayKnow(read) ? View(delivery, read) : null;

        bool MayKnow(SpoolRecord record) => tenant is null || record.Tenant.Value == tenant;
    }

    public async Task<QueueView> Queued(Guid tenant)
    {
        var unread = await intake.OldestUnreadAsync(IsKnown);
        var waiting = _segments.Values
            .SelectMany(work => work.WaitingOf(new(tenant)).Select(r => View(new(work.Id, r.Number), r.Record)))
            .OrderBy(view => view.AcceptedAt).Take(QueuedMax + 1).ToArray();
        return new(waiting.Length > QueuedMax ? waiting[..QueuedMax] : waiting, unread, waiting.Length > QueuedMax);
    }

    private static QueuedView View(DeliveryId delivery, SpoolRecord record) => new(
        delivery.Segment.Value, delivery.RecNo, record.Tenant.Value, record.Source, record.AcceptedAt, record.Bytes);

    private bool IsKnown(SegmentId segment) => _segments.ContainsKey(segment) || finisher.IsDone(segment);

    /// <summary>Reads what is new and keeps every mailbox going, until nothing is left to start.</summary>
    private async Task PumpAsync()
    {
        _pumping = true;
        try
        {
            while (_again && !_ended)
            {
                _again = false;
                await TryReadNewAsync();
                StartMailboxes();
                await finisher.FinishAsync(_segments, GrainFactory);
            }
        }
        catch (Exception) when (_ended)
        {
            // The next activation, here or elsewhere, finds the segments where they are.
        }
        catch (Exception e)
        {
            SpoolLog.PumpFailed(log, e);
        }
        finally
        {
            _pumping = false;
        }
    }

    /// <summary>Without the queue's key nothing new is read, but what was read goes on to its end.</summary>
    private async Task TryReadNewAsync()
    {
        try
        {
            await ReadNewAsync();
        }
        catch (ArchiveException e)
        {
            SpoolLog.Waiting(log, e.Message);
        }
    }

    private async Task ReadNewAsync()
    {
        if (!_rowsLoaded) await finisher.Rows.LoadAsync(again: true);
        _rowsLoaded = true;
        if (_segments.Count >= SegmentsKnownMax) return;
        await trust.EnsureLeaseAsync();
        var begun = time.GetUtcNow();
        var checking = _rowsChecked is not { } last || time.GetElapsedTime(last) >= RowsEvery;
        var suspects = checking ? finisher.Rows.Suspects(Places) : [];
        await foreach (var (work, records) in intake.ReadNewAsync(IsKnown))
        {
            _segments[work.Id] = work;
            foreach (var (tenant, mailbox, record) in records)
            {
                QueueOf(tenant, mailbox).Add(record);
                _waitingSources.Add(tenant, record);
            }
            StartMailboxes();
        }
        if (!intake.LookedAtAll) return;
        _lookedAt = begun;
        if (!checking) return;
        _rowsChecked = time.GetTimestamp();
        await finisher.Rows.ConfirmAsync(suspects, Places);
    }

    private IEnumerable<RowPlace> Places => _segments.Values.Select(segment => segment.Place);

    private MailboxQueue QueueOf(TenantId tenant, MailboxId mailbox)
    {
        var queue = new MailboxQueue(tenant, mailbox);
        return _mailboxes.TryAdd(queue.GrainKey, queue) ? queue : _mailboxes[queue.GrainKey];
    }

    private void StartMailboxes()
    {
        var now = time.GetUtcNow();
        var free = MailboxesRunningMax - _mailboxes.Values.Count(m => m.Running);
        foreach (var mailbox in _mailboxes.Values.Where(m => m.MayRun(now)).Take(free).ToArray())
            RunAsync(mailbox).Ignore();
    }

    private async Task RunAsync(MailboxQueue mailbox)
    {
        mailbox.Running = true;
        try
        {
            var grain = GrainFactory.GetGrain<IMailboxIngestGrain>(mailbox.GrainKey);
            while (!mailbox.Empty && await IngestAsync(grain, mailbox)) { }
        }
        finally
        {
            mailbox.Running = false;
            if (mailbox.Empty) _mailboxes.Remove(mailbox.GrainKey);
            Wake().Ignore();
        }
    }

    /// <summary>False: this mailbox has to rest, its records wait on.</summary>
    private async Task<bool> IngestAsync(IMailboxIngestGrain grain, MailboxQueue mailbox)
    {
        var records = mailbox.Take(BatchRecordsMax, BatchBytesMax);
        try
        {
            var batches = await grain.Ingest(
                [.. records.Select(r => new RecordRef(r.Delivery.Segment.Value, r.Delivery.RecNo))]);
            foreach (var (record, batch) in records.Zip(batches))
            {
                _segments[record.Delivery.Segment].Committed(record.Delivery.RecNo, batch);
                _waitingSources.Done(mailbox.Tenant, record);
            }
            mailbox.Done();
            return true;
        }
        catch (Exception e)
        {
            SpoolLog.MailboxRests(log, mailbox.Tenant, records.Length, e.GetType().Name, e.Message);
            mailbox.Failed(records, time.GetUtcNow());
            return false;
        }
    }
}
