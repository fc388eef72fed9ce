using AMA.Archive.Spool;
using AMA.Gateway.Smtp.Protocol;
using AMA.Gateway.Smtp.Sessions;
using AMA.Gateway.Smtp.Spooling;
using Microsoft.Extensions.Logging;

namespace AMA.Gateway.Smtp.Receiving;

/// <summary>Begins messages: what each <see cref="MessageIntake"/> needs from us.</summary>
internal sealed partial class MessageReceiver(
    ISpool spool, HeldBudget budget, SmtpGatewayOptions options, TimeProvider time, ILogger<MessageReceiver> log)
{
    /// <summary>The message of the conversation's open transaction.</summary>
    public MessageIntake Begin(SessionWire wire, SmtpConversation conversation)
    {
        var transaction = conversation.Transaction!;
        var bytesMax = Math.Min(transaction.MessageBytesMax ?? long.MaxValue, options.MessageBytesMax);
        var gauge = new ContentGauge(bytesMax);
        var message = new ArrivingMessage(spool, budget, streams =>
        {
            var trace = TraceOf(wire, conversation, transaction, gauge, streams);
            return new Envelope(transaction.Tenant, transaction.Sender.Text, transaction.Recipients, trace);
        });
        return new MessageIntake(wire, gauge, message, fault => LogNotStored(fault.Message, fault.InnerException));
    }

    /// <summary>
    /// The time is that of the end of the message, or, for one that streams, of the decision to stream.
    /// </summary>
    private ReceiveTrace TraceOf(
        SessionWire wire, SmtpConversation conversation, MailTransaction transaction, ContentGauge gauge, bool streams)
    {
        var said = transaction.Parameters;
        var now = time.GetUtcNow();
        return new ReceiveTrace(
            DateTimeOffset.FromUnixTimeMilliseconds(now.ToUnixTimeMilliseconds()),
            wire.ClientAddress, conversation.Hello ?? "", wire.TlsProtocol, wire.TlsCipher, conversation.Identity,
            said.SmtpUtf8, said.Body == BodyKind.EightBitMime, said.Size, said.EnvelopeId)
        {
            Arrival = gauge.LineEnds(whole: !streams)
                | (streams ? ArrivalFlags.BeginningOnly : 0)
                | (transaction.Chunked ? ArrivalFlags.Chunked : 0)
                | (said.Body == BodyKind.BinaryMime ? ArrivalFlags.BinaryMime : 0),
            ClientCertificate = wire.ClientCertificate,
            Return = said.Return,
            Source = transaction.Sources.Of(transaction.Tenant),
        };
    }
}
