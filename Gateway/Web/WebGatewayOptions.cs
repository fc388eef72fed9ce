namespace AMA.Gateway.Web;

/// <summary>Settings of the web gateway, section <c>AMA:Web</c>.</summary>
public sealed record WebGatewayOptions
{
    /// <summary>
    /// <c>AMA:Web:Endpoint</c>, default <c>http://127.0.0.1:8080</c>. Plain HTTP carries passwords and mail in the
    /// clear and is refused on any address that is not loopback. Port 0 takes a free one.
    /// </summary>
    public Uri Endpoint { get; init; } = new("http://127.0.0.1:8080");
}
