using System.Net;
using System.Text;
using AMA.Archive.Ids;
using AMA.Archive.Spool;

namespace AMA.Gateway.Smtp.Protocol;

/// <summary>
/// The protocol as a pure state machine: a command line in, a reply and an action out. It knows no socket and no clock.
/// Before TLS it lets nothing in but what leads to TLS. Without <paramref name="credentials"/> AUTH is not offered.
/// </summary>
public sealed class SmtpConversation(
    SmtpRules rules, IDirectoryBook book, IPAddress client, ISourceCredentials? credentials = null)
{
    private const int HelloBytesMax = 255;
    private readonly SessionToll _toll = new(rules);
    private AuthExchange? _auth;
    private bool _extended;
    private string? _certificate;

    public bool IsSecure { get; private set; }

    /// <summary>The argument of EHLO or HELO, as it came; null before.</summary>
    public string? Hello { get; private set; }

    /// <summary>Who the client signed in as; null: nobody.</summary>
    public string? Identity => _auth?.Identity;

    /// <summary>The next line may be a secret.</summary>
    public bool IsSigningIn => _auth is { IsOpen: true };

    public MailTransaction? Transaction { get; private set; }

    /// <summary>What the last line was refused for, if that was about a source.</summary>
    public SourceRefusal? Refused { get; private set; }

    /// <param name="talked">Something has come already: whoever doesn't wait for a banner is no mail server.</param>
    public SmtpStep Greet(bool talked = false) => talked
        ? new(Replies.TalkedTooSoon, SmtpAction.Close)
        : new(Replies.Banner(rules.HostName));

    /// <summary>
    /// After the handshake: RFC 3207 §4.2 has us forget everything said before, because anybody may have said it.
    /// </summary>
    /// <param name="certificate">SHA-256 of what the client showed, in hex; null: nothing.</param>
    public void Secured(string? certificate = null)
    {
        (IsSecure, Hello, _extended, Transaction, _auth) = (true, null, false, null, null);
        _certificate = certificate;
    }

    /// <summary>One line without its CRLF.</summary>
    public SmtpStep Take(ReadOnlySpan<byte> line)
    {
        Refused = null;
        if (IsSigningIn) return _toll.Count(new(Noted(_auth!.Take(line))) { EndsGroup = true });
        var command = CommandLine.Parse(line);
        if (line.Length > command.LengthMax) return _toll.Count(new(Replies.LineTooLong));
        return _toll.Count(CommandLine.HasControlBytes(line) ? new(Replies.ControlBytes) : Paced(command));
    }

    /// <summary>The message's fate is known; the transaction is over, whatever the reply.</summary>
    public void EndTransaction(bool taken)
    {
        Transaction = null;
        if (taken) _toll.Forgive();
    }

    /// <summary>RFC 2920 §3.1 for the commands after which a client can't know what to say before it has heard.</summary>
    private SmtpStep Paced(CommandLine command) => Answer(command) with
    {
        EndsGroup = (!_extended && command.Verb != SmtpVerb.Bdat)
            || command.Verb is SmtpVerb.Ehlo or SmtpVerb.Helo or SmtpVerb.StartTls or SmtpVerb.Data or SmtpVerb.Auth,
    };

    private SmtpStep Answer(CommandLine command) => command.Verb switch
    {
        SmtpVerb.Ehlo or SmtpVerb.Helo => Greeted(command),
        SmtpVerb.Noop => new(Replies.Ok),
        SmtpVerb.Quit => command.Argument.IsEmpty ? new(Replies.Bye, SmtpAction.Close) : new(Replies.NoArgument),
        SmtpVerb.StartTls => StartTls(command),
        SmtpVerb.Bdat => TakeChunk(command),
        _ when !IsSecure => new(Replies.TlsFirst),
        SmtpVerb.Auth => new(SignIn(command.Argument)),
        SmtpVerb.Mail => new(Mail(command.Argument)),
        SmtpVerb.Rcpt => new(Recipient(command.Argument)),
        SmtpVerb.Data => Data(command),
        SmtpVerb.Rset => new(Reset(command)),
        SmtpVerb.Vrfy => new(command.Argument.IsEmpty ? Replies.ArgumentMissing : Replies.CannotVerify),
        SmtpVerb.Help => new(Replies.Help),
        SmtpVerb.NotOffered => new(Replies.NotImplemented),
        _ => new(Replies.Unrecognised),
    };

    private SmtpStep Greeted(CommandLine command)
    {
        if (command.Argument.IsEmpty) return new(Replies.ArgumentMissing);
        // The name is kept as evidence, never believed, so anything short and readable will do.
        if (command.Argument.Length > HelloBytesMax) return new(Replies.BadParameter);
        Hello = Encoding.Latin1.GetString(command.Argument);
        Transaction = null;
        _extended = command.Verb == SmtpVerb.Ehlo;
        return new(_extended
            ? Replies.ExtendedHello(rules.HostName, rules.MessageBytesMax, IsSecure, credentials is not null)
            : Replies.Hello(rules.HostName));
    }

    private SmtpStep StartTls(CommandLine command)
    {
        if (IsSecure) return new(Replies.TlsAlready);
        return command.Argument.IsEmpty ? new(Replies.ReadyForTls, SmtpAction.StartTls) : new(Replies.NoArgument);
    }

    private SmtpReply SignIn(ReadOnlySpan<byte> argument)
    {
        if (credentials is null) return Replies.NotImplemented;
        if (Identity is not null) return Replies.AuthAlready;
        if (!_extended || Hello is null || Transaction is not null) return Replies.AuthOutOfOrder;
        _auth = new AuthExchange(credentials);
        return Noted(_auth.Begin(argument));
    }

    private SmtpReply Noted(SmtpReply reply)
    {
        if (reply != Replies.AuthRefused) return reply;
        var owner = _auth!.Refused is { } user ? credentials!.OwnerOf(user) : null;
        Refused = new(RefusalReasons.Credentials, owner?.Tenant ?? default, owner?.Source);
        return reply;
    }

    private SmtpReply Mail(ReadOnlySpan<byte> argument)
    {
        if (Hello is null) return Replies.HelloFirst;
        if (Transaction is not null) return Replies.MailTwice;
        if (!TryAfterKeyword(argument, "FROM:"u8, out var rest)) return Replies.BadSender;
        var fault = PathParser.Parse(rest, out var sender, out var read);
        if (fault != PathFault.None) return RefusalOf(fault, Replies.BadSender);
        var refusal = MailParameters.Parse(rest[read..], credentials is not null, out var parameters);
        if (refusal is not null) return refusal;
        if (!sender.IsAscii && !parameters.SmtpUtf8) return Replies.NeedsSmtpUtf8;
        if (parameters.Size > rules.MessageBytesMax) return Replies.TooLarge;
        var sources = book.SourcesOf(new(client, _certificate, Identity));
        // Without a directory every recipient is put off; whoever is no source then may be one.
        if (sources is { IsCertain: true, Sources.Count: 0 })
            return Refuse(RefusalReasons.Stranger, Replies.SignInFirst);
        Transaction = new MailTransaction(sender, parameters, sources);
        return Replies.SenderOk;
    }

    private SmtpReply Recipient(ReadOnlySpan<byte> argument)
    {
        if (Transaction is null) return Replies.MailFirst;
        if (Transaction.Chunked) return Replies.ChunksBegun;
        Transaction.Tried = true;
        if (!TryAfterKeyword(argument, "TO:"u8, out var rest)) return Replies.BadRecipient;
        var fault = PathParser.Parse(rest, out var recipient, out var read);
        if (fault != PathFault.None) return RefusalOf(fault, Replies.BadRecipient);
        if (recipient.IsNull) return Replies.BadRecipient;
        var smtpUtf8 = Transaction.Parameters.SmtpUtf8;
        var refusal = RecipientParameters.Parse(rest[read..], smtpUtf8, out var notice);
        if (refusal is not null) return refusal;
        if (!recipient.IsAscii && !smtpUtf8) return Replies.NeedsSmtpUtf8;
        return Decide(Transaction, recipient, notice);
    }

    private SmtpReply Decide(MailTransaction transaction, MailPath recipient, DeliveryNotice? notice)
    {
        var reply = transaction.Recipients.Count >= rules.RecipientsMax || transaction.IsFull(recipient, notice)
            ? Replies.TooManyRecipients
            : DecideByBook(transaction, recipient, notice);
        transaction.PutOff |= reply.Code is >= 400 and < 500;
        return reply;
    }

    private SmtpReply DecideByBook(MailTransaction transaction, MailPath recipient, DeliveryNotice? notice)
    {
        var answer = book.Find(recipient);
        var refusal = answer.Verdict switch
        {
            RecipientVerdict.Known => Refusal(transaction, answer),
            RecipientVerdict.NotNow => Replies.RecipientNotNow,
            RecipientVerdict.OtherRegion => Replies.OtherRegion,
            _ => Replies.UnknownRecipient,
        };
        if (refusal is not null) return refusal;
        transaction.Add(recipient, notice, answer);
        return Replies.RecipientOk;
    }

    private SmtpReply? Refusal(MailTransaction transaction, RecipientAnswer answer)
    {
        var (tenant, source) = (answer.Tenant, transaction.Sources.Of(answer.Tenant));
        if (source is null)
            return transaction.Sources.IsCertain
                ? Refuse(RefusalReasons.NotASource, Replies.NotYourRecipient, tenant)
                : Replies.SourceNotNow;
        // One tenant's envelope would otherwise show another's recipients to its auditors.
        if (!transaction.TakesTenant(tenant)) return Replies.OtherTenant;
        if (answer.Suspended) return Refuse(RefusalReasons.Suspended, Replies.Suspended, tenant, source);
        if (transaction.Parameters.Size > answer.MessageBytesMax)
            return Refuse(RefusalReasons.Size, Replies.TooLarge, tenant, source);
        var isFirst = transaction.Recipients.Count == 0;
        return isFirst && !book.TakesOneMore(tenant)
            ? Refuse(RefusalReasons.Rate, Replies.TooOften, tenant, source)
            : null;
    }

    private SmtpReply Refuse(string reason, SmtpReply reply, TenantId tenant = default, Guid? source = null)
    {
        Refused = new(reason, tenant, source);
        return reply;
    }

    private SmtpStep Data(CommandLine command)
    {
        if (!command.Argument.IsEmpty) return new(Replies.NoArgument);
        if (Transaction is { Chunked: true }) return new(Replies.ChunksBegun);
        if (Transaction is { Parameters.Body: BodyKind.BinaryMime }) return new(Replies.BinaryNeedsChunks);
        return NotReady() is { } refusal ? new(refusal) : new(Replies.GoAhead, SmtpAction.ReadMessage);
    }

    /// <summary>Its octets follow whatever we think of it, so they are read in any case (RFC 3030 §2).</summary>
    private SmtpStep TakeChunk(CommandLine command)
    {
        if (!Chunk.TryParse(command.Argument, out var chunk)) return new(Replies.BadChunk, SmtpAction.Close);
        var refusal = IsSecure ? NotReady() : Replies.TlsFirst;
        if (refusal is not null) return new(refusal, SmtpAction.DropChunk) { Chunk = chunk };
        Transaction!.Chunked = true;
        return new(Replies.ChunkOk, SmtpAction.ReadChunk) { Chunk = chunk };
    }

    private SmtpReply? NotReady()
    {
        if (Transaction is null) return Replies.MailFirst;
        if (Transaction.Recipients.Count > 0) return null;
        if (!Transaction.Tried) return Replies.RecipientFirst;
        return Transaction.PutOff ? Replies.NoRecipientNow : Replies.NoValidRecipient;
    }

    private SmtpReply Reset(CommandLine command)
    {
        if (!command.Argument.IsEmpty) return Replies.NoArgument;
        Transaction = null;
        return Replies.Ok;
    }

    private static SmtpReply RefusalOf(PathFault fault, SmtpReply syntax) =>
        fault == PathFault.Encoding ? Replies.NeedsSmtpUtf8 : syntax;

    /// <summary>Some clients put a space after the colon; there is nothing to win by refusing their mail.</summary>
    private static bool TryAfterKeyword(
        ReadOnlySpan<byte> argument, ReadOnlySpan<byte> keyword, out ReadOnlySpan<byte> rest)
    {
        var found = argument.Length > keyword.Length && Ascii.EqualsIgnoreCase(argument[..keyword.Length], keyword);
        rest = found ? argument[keyword.Length..].TrimStart((byte)' ') : [];
        return found;
    }
}
