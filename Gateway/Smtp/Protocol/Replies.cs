using AMA.Archive.Ids;

namespace AMA.Gateway.Smtp.Protocol;

/// <summary>
/// Everything the gateway says. 5xx stands only where the same command could never succeed: whatever is ours, or may
/// be, is 4xx, because a journaling server throws away what it gets 5xx for.
/// </summary>
public static class Replies
{
    public static readonly SmtpReply ReadyForTls = new(220, "2.0.0 Ready to start TLS");
    public static readonly SmtpReply Bye = new(221, "2.0.0 Bye");
    public static readonly SmtpReply AuthOk = new(235, "2.7.0 Signed in");
    public static readonly SmtpReply Ok = new(250, "2.0.0 OK");
    public static readonly SmtpReply SenderOk = new(250, "2.1.0 Sender OK");
    public static readonly SmtpReply RecipientOk = new(250, "2.1.5 Recipient OK");
    public static readonly SmtpReply ChunkOk = new(250, "2.0.0 Chunk taken");
    public static readonly SmtpReply CannotVerify = new(252, "2.1.5 Cannot verify, send mail to it and see");
    public static readonly SmtpReply AuthGoAhead = new(334, "");
    public static readonly SmtpReply AuthUser = new(334, "VXNlcm5hbWU6");
    public static readonly SmtpReply AuthSecret = new(334, "UGFzc3dvcmQ6");
    public static readonly SmtpReply GoAhead = new(354, "Send the message, end with CRLF . CRLF");
    public static readonly SmtpReply Help = new(214,
        "2.0.0 This is a mail archive: it takes journal mail over TLS.",
        "2.0.0 EHLO HELO STARTTLS MAIL RCPT DATA BDAT RSET NOOP VRFY HELP QUIT");

    public static readonly SmtpReply ShuttingDown = new(421, "4.3.2 Shutting down, try again soon");
    public static readonly SmtpReply TooManyConnections = new(421, "4.3.2 Too many connections, try again soon");
    public static readonly SmtpReply TooManyFromAddress = new(421,
        "4.7.0 Too many connections from your address, try again soon");
    public static readonly SmtpReply SessionTooLong = new(421, "4.3.2 Session lasted too long, connect again");
    public static readonly SmtpReply TooSlow = new(421, "4.4.2 The message comes too slowly");
    public static readonly SmtpReply TooManyCommands = new(421, "4.7.0 Too many commands without a message");
    public static readonly SmtpReply IdleTooLong = new(421, "4.4.2 Nothing heard for too long");
    public static readonly SmtpReply TooManyErrors = new(421, "4.7.0 Too many errors");
    public static readonly SmtpReply Failed = new(421, "4.3.0 Internal error, closing");
    public static readonly SmtpReply RecipientNotNow = new(450,
        "4.1.1 Recipients are not known for certain now, try again");
    public static readonly SmtpReply SourceNotNow = new(450,
        "4.7.1 Sources are not known for certain now, try again");
    public static readonly SmtpReply Suspended = new(450, "4.2.1 Mail for this customer is put off, try again later");
    public static readonly SmtpReply TooOften = new(450,
        "4.7.1 More messages than this customer may send in a minute, try again soon");
    public static readonly SmtpReply NotStored = new(451, "4.3.0 Not stored, try again");
    public static readonly SmtpReply NoRoom = new(452, "4.3.1 Not stored for want of room, try again later");
    public static readonly SmtpReply NoRecipientNow = new(451, "4.1.1 No recipient could be taken now, try again");
    public static readonly SmtpReply AuthNotNow = new(454,
        "4.7.0 Credentials are not known for certain now, try again");
    public static readonly SmtpReply TooManyRecipients = new(452,
        "4.5.3 Too many recipients, send the rest by themselves");
    public static readonly SmtpReply OtherTenant = new(452, "4.5.3 Another customer's recipient, send it by itself");

    public static readonly SmtpReply LineTooLong = new(500, "5.5.2 Line too long");
    public static readonly SmtpReply EndlessLine = new(500, "5.5.2 Line without end, closing");
    public static readonly SmtpReply BareLineEnd = new(500, "5.5.2 Lines end with CRLF, closing");
    public static readonly SmtpReply ControlBytes = new(500, "5.5.2 Control characters in a command");
    public static readonly SmtpReply Unrecognised = new(500, "5.5.1 Unrecognised command");
    public static readonly SmtpReply NoArgument = new(501, "5.5.4 This command takes no argument");
    public static readonly SmtpReply ArgumentMissing = new(501, "5.5.4 An argument is missing");
    public static readonly SmtpReply BadSender = new(501, "5.1.7 The sender's path breaks RFC 5321");
    public static readonly SmtpReply BadRecipient = new(501, "5.1.3 The recipient's path breaks RFC 5321");
    public static readonly SmtpReply BadParameter = new(501, "5.5.4 A parameter cannot be read");
    public static readonly SmtpReply BadChunk = new(501, "5.5.4 Nobody knows where this chunk ends, closing");
    public static readonly SmtpReply AuthMalformed = new(501, "5.5.2 The response cannot be read");
    public static readonly SmtpReply AuthCancelled = new(501, "5.7.0 Sign-in given up");
    public static readonly SmtpReply NotImplemented = new(502, "5.5.1 Not implemented");
    public static readonly SmtpReply HelloFirst = new(503, "5.5.1 EHLO first");
    public static readonly SmtpReply MailFirst = new(503, "5.5.1 MAIL first");
    public static readonly SmtpReply MailTwice = new(503, "5.5.1 A transaction is open already");
    public static readonly SmtpReply RecipientFirst = new(503, "5.5.1 RCPT first");
    public static readonly SmtpReply TlsAlready = new(503, "5.5.1 TLS is on already");
    public static readonly SmtpReply AuthAlready = new(503, "5.5.1 Signed in already");
    public static readonly SmtpReply AuthOutOfOrder = new(503, "5.5.1 AUTH stands after EHLO and before MAIL");
    public static readonly SmtpReply ChunksBegun = new(503, "5.5.1 After BDAT only BDAT or RSET");
    public static readonly SmtpReply BinaryNeedsChunks = new(503, "5.5.1 BINARYMIME needs BDAT");
    public static readonly SmtpReply UnknownMechanism = new(504, "5.5.4 No such mechanism here");
    public static readonly SmtpReply TlsFirst = new(530, "5.7.0 Must issue a STARTTLS command first");
    public static readonly SmtpReply SignInFirst = new(530, "5.7.0 Authentication required");
    public static readonly SmtpReply AuthRefused = new(535, "5.7.8 Credentials not accepted");
    public static readonly SmtpReply UnknownRecipient = new(550, "5.1.1 No such recipient here");
    public static readonly SmtpReply NotYourRecipient = new(550, "5.7.1 You are no source of this recipient's mail");
    public static readonly SmtpReply OtherRegion = new(551, "5.7.1 This recipient's mail belongs to another region");
    public static readonly SmtpReply TooLarge = new(552, "5.3.4 Message larger than SIZE");
    public static readonly SmtpReply NeedsSmtpUtf8 = new(553,
        "5.6.7 Address beyond ASCII without SMTPUTF8, or no UTF-8");
    public static readonly SmtpReply NoValidRecipient = new(554, "5.5.1 No valid recipients");
    public static readonly SmtpReply InjectedBeforeTls = new(554, "5.5.0 Bytes after STARTTLS, closing");
    public static readonly SmtpReply TalkedTooSoon = new(554, "5.5.0 You did not wait for the answer, closing");
    public static readonly SmtpReply UnknownParameter = new(555, "5.5.4 A parameter is not offered here");

    public static SmtpReply Banner(string hostName) => new(220, $"{hostName} ESMTP AMA");

    public static SmtpReply Hello(string hostName) => new(250, hostName);

    /// <param name="auth">Credentials can be checked; they are asked for inside TLS only.</param>
    public static SmtpReply ExtendedHello(string hostName, long messageBytesMax, bool secure, bool auth)
    {
        List<string> lines =
        [
            hostName, "PIPELINING", $"SIZE {messageBytesMax}", "8BITMIME", "BINARYMIME", "CHUNKING", "SMTPUTF8", "DSN",
            "ENHANCEDSTATUSCODES",
        ];
        if (secure && auth) lines.Add("AUTH PLAIN LOGIN");
        if (!secure) lines.Add("STARTTLS");
        return new SmtpReply(250, [.. lines]);
    }

    /// <summary>The message is durable; the receipt finds it again.</summary>
    public static SmtpReply Stored(DeliveryId receipt) => new(250, $"2.0.0 {receipt}");
}
