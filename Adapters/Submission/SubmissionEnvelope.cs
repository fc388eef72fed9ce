using System.Text;

namespace AMA.Adapters.Submission;

/// <summary>MAIL and RCPT of one message.</summary>
/// <param name="Length">Octets of the message; null when nobody knows yet.</param>
internal sealed record SubmissionEnvelope(string From, IReadOnlyList<string> Recipients, long? Length)
{
    public bool NeedsSmtpUtf8 { get; } = !Ascii.IsValid(From) || Recipients.Any(r => !Ascii.IsValid(r));

    /// <summary>
    /// Throws <see cref="ArgumentException"/>: nobody to send to, or an address that breaks out of its line.
    /// </summary>
    public static SubmissionEnvelope Checked(string from, IReadOnlyList<string> recipients, long? length)
    {
        if (recipients.Count == 0) throw new ArgumentException("a message needs a recipient");
        if (recipients.Append(from).Any(BreaksOut))
            throw new ArgumentException("an address holds control characters or angle brackets");
        return new SubmissionEnvelope(from, recipients, length);
    }

    public List<string> Commands(ServerOffer offer)
    {
        var mail = new StringBuilder($"MAIL FROM:<{From}>");
        if (offer.Size && Length is { } length) mail.Append($" SIZE={length}");
        if (offer.EightBitMime) mail.Append(" BODY=8BITMIME");
        if (NeedsSmtpUtf8) mail.Append(" SMTPUTF8");
        return [mail.ToString(), .. Recipients.Select(recipient => $"RCPT TO:<{recipient}>")];
    }

    private static bool BreaksOut(string address) => address.Any(c => char.IsControl(c) || c is '<' or '>');
}
