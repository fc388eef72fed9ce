using AMA.Archive.Access;
using AMA.Archive.Sealing;
using AMA.Grains.Interfaces.Archive;
using AMA.Mail;

namespace AMA.Grains.Archive.Search;

/// <summary>A message as the API shows it.</summary>
internal static class MessageViews
{
    public static MessageView View(
        RecordPlaces places, ParsedMail mail, IReadOnlyList<Preamble> preambles, AccessGrant asker) => new(
        places.Item,
        [.. mail.Headers.Select(h => new HeaderView(h.Name, h.Value))],
        mail.Text,
        [.. mail.Attachments.Select(a => new AttachmentView(a.Name, a.ContentType, a.Size))],
        [.. preambles.Select(p => Delivery(p, asker)).OfType<DeliveryView>()],
        MailFlagNames.Of((MailFlags)places.Flags));

    /// <summary>An auditor sees the whole envelope; a user of its recipients only themselves, or Bcc would leak.</summary>
    private static DeliveryView Delivery(Preamble preamble, AccessGrant asker)
    {
        var envelope = preamble.Envelope;
        var recipients = envelope.Recipients.Select(r => r.Address);
        if (asker.Role is AccessRole.User)
            recipients = recipients.Where(r => asker.Addresses.Contains(r, StringComparer.OrdinalIgnoreCase));
        var trace = envelope.Trace;
        return new(
            preamble.Delivery.ToString(), trace.AcceptedAt, envelope.Sender, [.. recipients], trace.ClientAddress,
            $"{trace.TlsProtocol} {trace.TlsCipher}");
    }
}

internal static class StatusViews
{
    public static StatusView Of(TenantStatus tenant, SpoolView spool, long quarantined, AlarmView[] alarms) => new(
        tenant.Archived + tenant.Duplicates + quarantined + spool.Entries, tenant.Archived, tenant.Duplicates,
        quarantined, tenant.Indexed, spool.Entries, spool.OldestSeconds, tenant.LeaseState, tenant.LeaseExpiresAt,
        spool.FreePercent)
    {
        SpoolAllRead = spool.AllRead,
        Alarms = [.. alarms.Take(StatusView.AlarmsMax)],
        SilentSources = alarms.Count(alarm => alarm.Kind == AlarmKinds.SourceSilent),
    };
}

internal static class SourceViews
{
    public static SourceCountView Of(
        Guid source, SourceTally counted, WaitingSource waiting, DateTimeOffset? silentSince)
    {
        var last = counted.LastSeen > waiting.LastAccepted ? counted.LastSeen : waiting.LastAccepted;
        return new(
            source, counted.Archived, counted.Duplicates, waiting.Waiting, counted.MessageBytes,
            last == default ? null : last, silentSince);
    }
}
