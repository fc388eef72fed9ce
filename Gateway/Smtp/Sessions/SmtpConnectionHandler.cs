using System.Net.Security;
using AMA.Gateway.Smtp.Protocol;
using AMA.Gateway.Smtp.Receiving;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.Extensions.Logging;

namespace AMA.Gateway.Smtp.Sessions;

/// <summary>What all sessions share.</summary>
internal sealed record SessionSettings(
    SmtpRules Rules, WireLimits Limits, SslServerAuthenticationOptions Tls, IRecipientBook Book, TimeProvider Time);

/// <summary>Kestrel's way in: one call per connection.</summary>
internal sealed class SmtpConnectionHandler(
    SessionSettings settings, MessageReceiver receiver, OpenSessions sessions, ILogger<SmtpSession> log)
{
    public async Task ServeAsync(ConnectionContext connection, bool implicitTls)
    {
        await using var wire = new SessionWire(connection, settings.Limits, settings.Time);
        if (!sessions.TryAdd(wire))
        {
            await TurnAwayAsync(wire, implicitTls);
            return;
        }
        try
        {
            var lifetime = connection.Features.Get<IConnectionLifetimeNotificationFeature>();
            await using var stop = lifetime?.ConnectionClosedRequested.Register(wire.Stop) ?? default;
            var conversation = new SmtpConversation(settings.Rules, settings.Book);
            await new SmtpSession(wire, conversation, receiver, settings.Tls, log).RunAsync(implicitTls);
        }
        finally
        {
            sessions.Remove(wire);
        }
    }

    private static async Task TurnAwayAsync(SessionWire wire, bool implicitTls)
    {
        if (implicitTls) return; // a handshake just to say no would cost more than the session
        try
        {
            wire.Write(Replies.TooManyConnections);
            await wire.FlushAsync();
        }
        catch (Exception fault) when (fault is IOException or OperationCanceledException)
        {
            // Gone before it could hear.
        }
    }
}
