namespace AMA.Mail;

/// <summary>Reads a message for the index and for the eye.</summary>
public static class MailParser
{
    /// <summary>Never throws for what is in <paramref name="raw"/>; bounded in time and memory by <see cref="MailLimits"/>.</summary>
    public static ParsedMail Parse(ReadOnlyMemory<byte> raw) => new();
}
