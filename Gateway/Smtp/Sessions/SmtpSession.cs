using System.Net.Security;
using System.Security.Authentication;
using AMA.Gateway.Smtp.Protocol;
using AMA.Gateway.Smtp.Receiving;
using Microsoft.Extensions.Logging;

namespace AMA.Gateway.Smtp.Sessions;

/// <summary>
/// One client's visit: the command loop. What may be said when is <see cref="SmtpConversation"/>'s business.
/// </summary>
internal sealed partial class SmtpSession(
    SessionWire wire, SmtpConversation conversation, MessageReceiver receiver, ServerOptionsSelectionCallback tls,
    ILogger log)
{
    private MessageIntake? _intake;

    /// <summary>Whose the intake is: when that one is over, so is the message.</summary>
    private MailTransaction? _intakeOf;

    /// <summary>Returns when the client has gone or been sent away. Throws nothing.</summary>
    public async Task RunAsync(bool implicitTls)
    {
        try
        {
            if (implicitTls) await SecureAsync();
            await ConverseAsync();
        }
        catch (AuthenticationException fault)
        {
            LogNoTls(wire.ClientAddress, fault.Message);
        }
        catch (Exception fault) when (fault is IOException or OperationCanceledException)
        {
            LogGone(wire.ClientAddress, fault.Message);
        }
        catch (Exception fault)
        {
            LogFault(wire.ClientAddress, fault);
            await TrySayFailedAsync();
        }
        finally
        {
            await DropIntakeAsync();
        }
    }

    private async Task ConverseAsync()
    {
        var goesOn = await ActAsync(conversation.Greet(talked: await wire.TalksFirstAsync()));
        while (goesOn && await NextAsync() is { } step)
        {
            if (_intakeOf != conversation.Transaction) await DropIntakeAsync();
            if (step.Pause > TimeSpan.Zero) await wire.PauseAsync(step.Pause);
            goesOn = await ActAsync(step);
        }
        await wire.FlushAsync();
    }

    /// <summary>False: the session ends with what has been written.</summary>
    private async ValueTask<bool> ActAsync(SmtpStep step)
    {
        if (step.Action == SmtpAction.ReadChunk) return await ReceiveChunkAsync(step.Chunk);
        if (step.Action == SmtpAction.DropChunk && await MessageIntake.DropAsync(wire, step.Chunk) is { } closing)
            step = closing;
        wire.Write(step.Reply);
        switch (step.Action)
        {
            case SmtpAction.StartTls:
                await SecureAsync();
                return true;
            case SmtpAction.ReadMessage:
                return await ReceiveAsync();
            default:
                return step.Action != SmtpAction.Close;
        }
    }

    /// <summary>The next command's step, or null when the client has gone.</summary>
    private async ValueTask<SmtpStep?> NextAsync()
    {
        var line = await wire.ReadLineAsync(mayStop: conversation.Transaction is null);
        return line.Kind switch
        {
            InputKind.Line => Guarded(Take(line.Bytes)),
            InputKind.Endless => new(Replies.EndlessLine, SmtpAction.Close),
            InputKind.BareLineEnd => new(Replies.BareLineEnd, SmtpAction.Close),
            InputKind.Idle => new(Replies.IdleTooLong, SmtpAction.Close),
            InputKind.SessionOver => new(Replies.SessionTooLong, SmtpAction.Close),
            InputKind.Stopping => new(Replies.ShuttingDown, SmtpAction.Close),
            _ => null,
        };
    }

    private SmtpStep Take(byte[] line)
    {
        var step = conversation.Take(line);
        line.AsSpan().Clear(); // it may have been a secret
        if (conversation.Refused is { } refusal) wire.Count(refusal);
        return step;
    }

    /// <summary>
    /// Octets that came along with STARTTLS were sent in the clear, by whomever: taken for the client's own after the
    /// handshake they would be commands injected into its session (CVE-2011-0411). Behind other commands that end a
    /// group they show a client that doesn't hear our answers, and what it means by them is a guess.
    /// </summary>
    private SmtpStep Guarded(SmtpStep step)
    {
        if (!step.EndsGroup || step.Action == SmtpAction.Close || !wire.HasUnread()) return step;
        var reply = step.Action == SmtpAction.StartTls ? Replies.InjectedBeforeTls : Replies.TalkedTooSoon;
        return new(reply, SmtpAction.Close);
    }

    private async Task SecureAsync()
    {
        await wire.SecureAsync(tls);
        conversation.Secured(wire.ClientCertificate);
    }

    private async Task<bool> ReceiveAsync()
    {
        await wire.FlushAsync();
        return await AnswerAsync(await BeginIntake().ReadMessageAsync(), ends: true);
    }

    private async Task<bool> ReceiveChunkAsync(Chunk chunk)
    {
        var step = await (_intake ?? BeginIntake()).ReadChunkAsync(chunk);
        return await AnswerAsync(step, ends: chunk.IsLast || step.Reply != Replies.ChunkOk);
    }

    private MessageIntake BeginIntake()
    {
        (_intake, _intakeOf) = (receiver.Begin(wire, conversation), conversation.Transaction);
        return _intake;
    }

    private async Task<bool> AnswerAsync(SmtpStep step, bool ends)
    {
        if (ends)
        {
            await DropIntakeAsync();
            conversation.EndTransaction(taken: step.Reply.Code == 250);
        }
        wire.Write(step.Reply);
        return step.Action != SmtpAction.Close;
    }

    private async ValueTask DropIntakeAsync()
    {
        if (_intake is null) return;
        await _intake.DisposeAsync();
        (_intake, _intakeOf) = (null, null);
    }

    private async Task TrySayFailedAsync()
    {
        try
        {
            wire.Write(Replies.Failed);
            await wire.FlushAsync();
        }
        catch (Exception fault) when (fault is IOException or OperationCanceledException or InvalidOperationException)
        {
            LogGone(wire.ClientAddress, fault.Message);
        }
    }
}
