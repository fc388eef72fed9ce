namespace AMA.Adapters.Submission;

/// <summary>The extensions that an EHLO reply named.</summary>
internal sealed record ServerOffer(
    bool Pipelining, bool Size, bool EightBitMime, bool SmtpUtf8, bool StartTls, bool AuthPlain)
{
    public static ServerOffer Of(SmtpReply ehlo)
    {
        var words = ehlo.Lines.Skip(1).Select(l => l.ToUpperInvariant().Split(' ')).ToList();
        bool Has(string keyword) => words.Any(w => w[0] == keyword);
        return new ServerOffer(
            Has("PIPELINING"), Has("SIZE"), Has("8BITMIME"), Has("SMTPUTF8"), Has("STARTTLS"),
            words.Any(w => w[0] == "AUTH" && w.Contains("PLAIN")));
    }
}
