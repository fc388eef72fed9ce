using System.Text;

namespace AMA.Gateway.Smtp.Protocol;

/// <summary>What the session does after it has sent the reply.</summary>
public enum SmtpAction
{
    Continue,
    StartTls,

    /// <summary>The message follows; its fate goes to <see cref="SmtpConversation.EndTransaction"/>.</summary>
    ReadMessage,
    Close,
}

public readonly record struct SmtpStep(SmtpReply Reply, SmtpAction Action = SmtpAction.Continue);

/// <param name="HostName">Our own name.</param>
/// <param name="MessageBytesMax">Announced in SIZE and applied to it.</param>
/// <param name="ErrorsMax">Refused commands before the session is ended.</param>
public sealed record SmtpRules(string HostName, long MessageBytesMax, int RecipientsMax, int ErrorsMax);

/// <summary>
/// The protocol as a pure state machine: a command line in, a reply and an action out. It knows no socket and no clock.
/// Before TLS it lets nothing in but what leads to TLS.
/// </summary>
public sealed class SmtpConversation(SmtpRules rules, IRecipientBook book)
{
    private const int HelloBytesMax = 255;
    private int _errors;

    public bool IsSecure { get; private set; }

    /// <summary>The argument of EHLO or HELO, as it came; null before.</summary>
    public string? Hello { get; private set; }

    public MailTransaction? Transaction { get; private set; }

    public SmtpStep Greet() => new(Replies.Banner(rules.HostName));

    /// <summary>
    /// After the handshake: RFC 3207 §4.2 has us forget everything said before, because anybody may have said it.
    /// </summary>
    public void Secured() => (IsSecure, Hello, Transaction) = (true, null, null);

    /// <summary>One line without its CRLF.</summary>
    public SmtpStep Take(ReadOnlySpan<byte> line)
    {
        var command = CommandLine.Parse(line);
        if (line.Length > command.LengthMax) return Counted(new(Replies.LineTooLong));
        return Counted(CommandLine.HasControlBytes(line) ? new(Replies.ControlBytes) : Answer(command));
    }

    /// <summary>The message's fate is known; the transaction is over. True to form, whatever the reply.</summary>
    public void EndTransaction() => Transaction = null;

    private SmtpStep Counted(SmtpStep step)
    {
        if (!step.Reply.IsRefusal || ++_errors <= rules.ErrorsMax) return step;
        return new(Replies.TooManyErrors, SmtpAction.Close);
    }

    private SmtpStep Answer(CommandLine command) => command.Verb switch
    {
        SmtpVerb.Ehlo or SmtpVerb.Helo => Greeted(command),
        SmtpVerb.Noop => new(Replies.Ok),
        SmtpVerb.Quit => command.Argument.IsEmpty ? new(Replies.Bye, SmtpAction.Close) : new(Replies.NoArgument),
        SmtpVerb.StartTls => StartTls(command),
        _ when !IsSecure => new(Replies.TlsFirst),
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
        return new(command.Verb == SmtpVerb.Ehlo
            ? Replies.ExtendedHello(rules.HostName, rules.MessageBytesMax, IsSecure)
            : Replies.Hello(rules.HostName));
    }

    private SmtpStep StartTls(CommandLine command)
    {
        if (IsSecure) return new(Replies.TlsAlready);
        return command.Argument.IsEmpty ? new(Replies.ReadyForTls, SmtpAction.StartTls) : new(Replies.NoArgument);
    }

    private SmtpReply Mail(ReadOnlySpan<byte> argument)
    {
        if (Hello is null) return Replies.HelloFirst;
        if (Transaction is not null) return Replies.MailTwice;
        if (!TryAfterKeyword(argument, "FROM:"u8, out var rest)) return Replies.BadSender;
        var fault = PathParser.Parse(rest, out var sender, out var read);
        if (fault != PathFault.None) return RefusalOf(fault, Replies.BadSender);
        var refusal = MailParameters.Parse(rest[read..], out var parameters);
        if (refusal is not null) return refusal;
        if (!sender.IsAscii && !parameters.SmtpUtf8) return Replies.NeedsSmtpUtf8;
        if (parameters.Size > rules.MessageBytesMax) return Replies.TooLarge;
        Transaction = new MailTransaction(sender, parameters);
        return Replies.SenderOk;
    }

    private SmtpReply Recipient(ReadOnlySpan<byte> argument)
    {
        if (Transaction is null) return Replies.MailFirst;
        Transaction.Tried = true;
        if (!TryAfterKeyword(argument, "TO:"u8, out var rest)) return Replies.BadRecipient;
        var fault = PathParser.Parse(rest, out var recipient, out var read);
        if (fault != PathFault.None) return RefusalOf(fault, Replies.BadRecipient);
        if (recipient.IsNull) return Replies.BadRecipient;
        if (read < rest.Length) return Replies.UnknownParameter;
        if (!recipient.IsAscii && !Transaction.Parameters.SmtpUtf8) return Replies.NeedsSmtpUtf8;
        return Decide(Transaction, recipient);
    }

    private SmtpReply Decide(MailTransaction transaction, MailPath recipient)
    {
        var reply = transaction.Recipients.Count >= rules.RecipientsMax || transaction.IsFull(recipient)
            ? Replies.TooManyRecipients
            : DecideByBook(transaction, recipient);
        transaction.PutOff |= reply.Code is >= 400 and < 500;
        return reply;
    }

    private SmtpReply DecideByBook(MailTransaction transaction, MailPath recipient)
    {
        var answer = book.Find(recipient);
        if (answer.Verdict == RecipientVerdict.NotNow) return Replies.RecipientNotNow;
        if (answer.Verdict == RecipientVerdict.Unknown) return Replies.UnknownRecipient;
        // One tenant's envelope would otherwise show another's recipients to its auditors.
        if (!transaction.TakesTenant(answer.Tenant)) return Replies.OtherTenant;
        transaction.Add(recipient, answer.Tenant, answer.Mailbox);
        return Replies.RecipientOk;
    }

    private SmtpStep Data(CommandLine command)
    {
        if (!command.Argument.IsEmpty) return new(Replies.NoArgument);
        if (Transaction is null) return new(Replies.MailFirst);
        if (Transaction.Recipients.Count > 0) return new(Replies.GoAhead, SmtpAction.ReadMessage);
        if (!Transaction.Tried) return new(Replies.RecipientFirst);
        return new(Transaction.PutOff ? Replies.NoRecipientNow : Replies.NoValidRecipient);
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
