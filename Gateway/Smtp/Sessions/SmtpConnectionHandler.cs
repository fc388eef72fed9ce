using System.Net;
using System.Net.Security;
using AMA.Gateway.Smtp.Metering;
using AMA.Gateway.Smtp.Protocol;
using AMA.Gateway.Smtp.Receiving;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.Extensions.Logging;

namespace AMA.Gateway.Smtp.Sessions;

/// <summary>What all sessions share.</summary>
/// <param name="Credentials">Null: AUTH is not offered.</param>
internal sealed record SessionSettings(
    SmtpRules Rules, WireLimits Limits, ServerOptionsSelectionCallback Tls, IDirectoryBook Book,
    ISourceCredentials? Credentials, TimeProvider Time)
{
    /// <summary>Peers in these speak for others: they put a PROXY head in front of each connection.</summary>
    public IReadOnlyList<IPNetwork> ProxyFrom { get; init; } = [];

    public bool IsBalancer(IPAddress peer)
    {
        var address = peer.IsIPv4MappedToIPv6 ? peer.MapToIPv4() : peer;
        return ProxyFrom.Any(network => network.Contains(address));
    }
}

/// <summary>Kestrel's way in: one call per connection.</summary>
internal sealed class SmtpConnectionHandler(
    SessionSettings settings, MessageReceiver receiver, OpenSessions sessions, SmtpMeters meters,
    ILogger<SmtpSession> log)
{
    public async Task ServeAsync(ConnectionContext connection, bool implicitTls)
    {
        await using var wire = new SessionWire(connection, settings.Limits, settings.Time, meters);
        if (!sessions.TryAdd(wire))
        {
            await TurnAwayAsync(wire, Replies.TooManyConnections, implicitTls);
            return;
        }
        try
        {
            var lifetime = connection.Features.Get<IConnectionLifetimeNotificationFeature>();
            await using var stop = lifetime?.ConnectionClosedRequested.Register(wire.Stop) ?? default;
            await ServeAsync(wire, implicitTls);
        }
        finally
        {
            sessions.Remove(wire);
        }
    }

    private async Task ServeAsync(SessionWire wire, bool implicitTls)
    {
        if (settings.IsBalancer(wire.Client) && !await KnowsClientAsync(wire)) return;
        if (!sessions.TryEnter(wire))
        {
            await TurnAwayAsync(wire, Replies.TooManyFromAddress, implicitTls);
            return;
        }
        var conversation = new SmtpConversation(settings.Rules, settings.Book, wire.Client, settings.Credentials);
        await new SmtpSession(wire, conversation, receiver, settings.Tls, log).RunAsync(implicitTls);
    }

    private static async Task<bool> KnowsClientAsync(SessionWire wire)
    {
        try
        {
            return await wire.ReadProxyAsync();
        }
        catch (Exception fault) when (fault is IOException or OperationCanceledException)
        {
            return false;
        }
    }

    private static async Task TurnAwayAsync(SessionWire wire, SmtpReply reply, bool implicitTls)
    {
        if (implicitTls) return; // a handshake just to say no would cost more than the session
        try
        {
            wire.Write(reply);
            await wire.FlushAsync();
        }
        catch (Exception fault) when (fault is IOException or OperationCanceledException)
        {
            // Gone before it could hear.
        }
    }
}
