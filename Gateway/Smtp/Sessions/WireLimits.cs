namespace AMA.Gateway.Smtp.Sessions;

/// <summary>How long a session waits for its client.</summary>
/// <param name="Idle">For a whole command line, or for anything at all of a message.</param>
/// <param name="Session">
/// Older ones end before the next command outside a transaction, and at twice this age wherever they are.
/// </param>
/// <param name="Stop">For what is under way when the gateway stops.</param>
/// <param name="Banner">How long a client in the clear is given to talk too soon; zero: not at all.</param>
internal sealed record WireLimits(
    TimeSpan Idle, TimeSpan Handshake, TimeSpan Session, TimeSpan Stop, int BytesPerSecondMin, TimeSpan Banner)
{
    /// <summary>A message may begin as slowly as it likes for so long: a route that has to warm up is no attack.</summary>
    public static readonly TimeSpan RateGrace = TimeSpan.FromSeconds(60);
}
