using System.Text;
using MimeKit;

namespace AMA.Mail.Headers;

/// <summary>
/// A person of an address field: as people read it, and the bare address in lower case ("" when unreadable).
/// </summary>
internal readonly record struct Mailbox(string Display, string Address);

/// <summary>Address fields (RFC 5322 §3.4), and whatever real senders put into them.</summary>
internal static class Mailboxes
{
    public static IEnumerable<Mailbox> Of(byte[] bytes, HeaderField field)
    {
        InternetAddressList.TryParse(FieldText.Lenient, bytes, field.Start, field.Length, out var list);
        return list is { Count: > 0 } ? list.Mailboxes.Select(Of) : Guess(FieldText.Decode(bytes, field));
    }

    private static Mailbox Of(MailboxAddress mailbox)
    {
        var address = FieldText.OneLine(mailbox.Address ?? "");
        var name = FieldText.OneLine(mailbox.Name ?? "");
        var display = name.Length == 0 || name == address ? address : $"{name} <{address}>";
        return new(display, Lower(address));
    }

    /// <summary>
    /// A field that is no address list: what looks like an address is one; the text itself stays readable.
    /// </summary>
    private static IEnumerable<Mailbox> Guess(string text)
    {
        if (text.Length == 0) yield break;
        var shown = false;
        foreach (var word in text.Split(Separators, StringSplitOptions.RemoveEmptyEntries))
        {
            var at = word.IndexOf('@');
            if (at <= 0 || at == word.Length - 1) continue;
            yield return new(shown ? word : text, Lower(word));
            shown = true;
        }
        if (!shown) yield return new(text, "");
    }

    private static readonly char[] Separators = [' ', ',', ';', '<', '>', '"', '\'', '(', ')', '[', ']'];

    private static string Lower(string address) =>
        address.Contains('@') ? address.ToLowerInvariant().Normalize(NormalizationForm.FormC) : "";
}
