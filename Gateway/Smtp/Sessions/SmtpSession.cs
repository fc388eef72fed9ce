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
    SessionWire wire, SmtpConversation conversation, MessageReceiver receiver, SslServerAuthenticationOptions tls,
    ILogger log)
{
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
    }

    private async Task ConverseAsync()
    {
        wire.Write(conversation.Greet().Reply);
        while (await NextAsync() is { } step)
        {
            wire.Write(step.Reply);
            switch (step.Action)
            {
                case SmtpAction.StartTls:
                    await SecureAsync();
                    break;
                case SmtpAction.ReadMessage when !await ReceiveAsync():
                case SmtpAction.Close:
                    await wire.FlushAsync();
                    return;
            }
        }
    }

    /// <summary>The next command's step, or null when the client has gone.</summary>
    private async ValueTask<SmtpStep?> NextAsync()
    {
        var line = await wire.ReadLineAsync(mayStop: conversation.Transaction is null);
        return line.Kind switch
        {
            InputKind.Line => Guarded(conversation.Take(line.Bytes)),
            InputKind.Endless => new(Replies.EndlessLine, SmtpAction.Close),
            InputKind.BareLineEnd => new(Replies.BareLineEnd, SmtpAction.Close),
            InputKind.Idle => new(Replies.IdleTooLong, SmtpAction.Close),
            InputKind.Stopping => new(Replies.ShuttingDown, SmtpAction.Close),
            _ => null,
        };
    }

    /// <summary>
    /// Octets that came along with STARTTLS were sent in the clear, by whomever: taken for the client's own after the
    /// handshake they would be commands injected into its session (CVE-2011-0411).
    /// </summary>
    private SmtpStep Guarded(SmtpStep step) => step.Action == SmtpAction.StartTls && wire.HasUnread()
        ? new(Replies.InjectedBeforeTls, SmtpAction.Close)
        : step;

    private async Task SecureAsync()
    {
        await wire.SecureAsync(tls);
        conversation.Secured();
    }

    /// <summary>False: the session ends with what has been written.</summary>
    private async Task<bool> ReceiveAsync()
    {
        await wire.FlushAsync();
        var step = await receiver.ReceiveAsync(wire, conversation.Transaction!, conversation.Hello ?? "");
        conversation.EndTransaction();
        wire.Write(step.Reply);
        return step.Action == SmtpAction.Continue;
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
