using AMA.Archive.Spool;
using AMA.Gateway.Smtp.Protocol;
using AMA.Gateway.Smtp.Sessions;
using AMA.Gateway.Smtp.Spooling;
using Microsoft.Extensions.Logging;

namespace AMA.Gateway.Smtp.Receiving;

/// <summary>Reads one message off the wire into the spool and knows what to answer.</summary>
internal sealed partial class MessageReceiver(
    ISpool spool, HeldBudget budget, SmtpGatewayOptions options, TimeProvider time, ILogger<MessageReceiver> log)
{
    /// <summary>
    /// From 354 to the reply. <see cref="SmtpAction.Close"/>: the client fell silent. Throws <see cref="IOException"/>
    /// when it has gone in the middle: nothing of the message is kept then.
    /// </summary>
    public async Task<SmtpStep> ReceiveAsync(SessionWire wire, MailTransaction transaction, string hello)
    {
        var body = new BodyReader(options.MessageBytesMax);
        await using var message = new ArrivingMessage(spool, budget, () => EnvelopeOf(wire, transaction, hello));
        while (!body.Ended)
        {
            var result = await wire.ReadAsync();
            var buffer = result.Buffer;
            foreach (var piece in buffer)
            {
                buffer = buffer.Slice(body.Read(piece.Span, message));
                if (body.Ended) break;
            }
            wire.AdvanceTo(buffer.Start);
            if (body.Ended) break;
            if (wire.IsIdle) return new(Replies.IdleTooLong, SmtpAction.Close);
            if (result.IsCompleted) throw new IOException("the client closed in the middle of a message");
            await message.SettleAsync();
        }
        return new(body.IsTooLarge ? Replies.TooLarge : await StoreAsync(message));
    }

    private async ValueTask<SmtpReply> StoreAsync(ArrivingMessage message)
    {
        try
        {
            return Replies.Stored(await message.StoreAsync());
        }
        catch (SpoolException fault)
        {
            LogNotStored(fault.Message, fault.InnerException);
            return Replies.NotStored;
        }
    }

    /// <summary>
    /// The time is that of the end of DATA, or, for a message that streams, of the decision to stream.
    /// </summary>
    private Envelope EnvelopeOf(SessionWire wire, MailTransaction transaction, string hello)
    {
        var now = time.GetUtcNow();
        var trace = new ReceiveTrace(
            DateTimeOffset.FromUnixTimeMilliseconds(now.ToUnixTimeMilliseconds()),
            wire.ClientAddress, hello, wire.TlsProtocol, wire.TlsCipher, AuthIdentity: null,
            transaction.Parameters.SmtpUtf8, transaction.Parameters.EightBitMime, transaction.Parameters.Size,
            EnvelopeId: null);
        return new Envelope(transaction.Tenant, transaction.Sender.Text, transaction.Recipients, trace);
    }
}
