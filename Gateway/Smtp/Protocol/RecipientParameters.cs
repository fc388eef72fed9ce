using System.Text;
using AMA.Archive.Spool;

namespace AMA.Gateway.Smtp.Protocol;

/// <summary>What stood behind the path of RCPT: NOTIFY and ORCPT (RFC 3461 §4.1 and §4.2).</summary>
internal static class RecipientParameters
{
    /// <summary>The refusal, or null when all is well; <paramref name="notice"/> is null when nothing was said.</summary>
    public static SmtpReply? Parse(ReadOnlySpan<byte> text, bool smtpUtf8, out DeliveryNotice? notice)
    {
        notice = null;
        var notify = NotifyOn.Unsaid;
        string? original = null;
        var words = new ExtensionWords(text);
        bool broken;
        while (words.MoveNext(out broken))
        {
            if (words.Is("NOTIFY"u8))
            {
                if (notify != NotifyOn.Unsaid || !TryNotify(words.Value, out notify)) return Replies.BadParameter;
            }
            else if (words.Is("ORCPT"u8))
            {
                if (original is not null || !Xtext.IsOriginalRecipient(words.Value, smtpUtf8))
                    return Replies.BadParameter;
                original = Encoding.UTF8.GetString(words.Value);
            }
            else return Replies.UnknownParameter;
        }
        if (broken) return Replies.BadParameter;
        if (notify != NotifyOn.Unsaid || original is not null) notice = new DeliveryNotice(notify, original);
        return null;
    }

    /// <summary>NEVER alone, or a list of the others without repetition.</summary>
    private static bool TryNotify(ReadOnlySpan<byte> value, out NotifyOn notify)
    {
        notify = NotifyOn.Unsaid;
        foreach (var range in value.Split((byte)','))
        {
            var word = value[range];
            var one = Ascii.EqualsIgnoreCase(word, "NEVER"u8) ? NotifyOn.Never
                : Ascii.EqualsIgnoreCase(word, "SUCCESS"u8) ? NotifyOn.Success
                : Ascii.EqualsIgnoreCase(word, "FAILURE"u8) ? NotifyOn.Failure
                : Ascii.EqualsIgnoreCase(word, "DELAY"u8) ? NotifyOn.Delay
                : NotifyOn.Unsaid;
            if (one == NotifyOn.Unsaid || notify.HasFlag(one)) return false;
            notify |= one;
        }
        return notify != NotifyOn.Unsaid && (notify == NotifyOn.Never || !notify.HasFlag(NotifyOn.Never));
    }
}
