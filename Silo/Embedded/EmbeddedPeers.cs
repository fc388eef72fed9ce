using System.Net;
using AMA.Adapters.Hosting.Identity;
using AMA.Adapters.Hosting.Tls;
using AMA.Archive.Access;
using AMA.Archive.Ids;
using AMA.Grains.Control.Identity;
using Microsoft.Extensions.DependencyInjection;

namespace AMA.Silo.Embedded;

/// <summary>
/// The certificates of the parts of an embedded archive. They get them as processes on other machines do, from Control's
/// enrolment endpoint; only the tokens don't pass through an operator's hands. In memory: every start enrols anew.
/// </summary>
internal sealed class EmbeddedPeers(Region region, IPEndPoint enrolment, TimeProvider time)
{
    private const string Name = "embedded";

    private IServiceProvider? _control;

    public PeerKeeper Backend { get; private set; } = null!;
    public PeerKeeper Gateway { get; private set; } = null!;
    public PeerKeeper Web { get; private set; } = null!;

    /// <summary>Returns when each part has its first certificate.</summary>
    public async Task StartAsync(IServiceProvider control, CancellationToken cancel)
    {
        _control = control;
        (Backend, Gateway, Web) = (NewKeeper(PeerRole.Backend), NewKeeper(PeerRole.Gateway), NewKeeper(PeerRole.Web));
        var log = control.GetRequiredService<ILogger<EmbeddedPeers>>();
        await Task.WhenAll(new[] { Backend, Gateway, Web }.Select(keeper => keeper.StartAsync(log, cancel)));
    }

    private PeerKeeper NewKeeper(PeerRole role)
    {
        var source = new PeerSource
        {
            Role = role,
            Name = Name,
            Control = new EnrolmentClient(region, enrolment, time),
            Ticket = () => NewTicket(role),
        };
        return new(source, new PeerCredentials(region, time), time);
    }

    private EnrolmentTicket NewTicket(PeerRole role) => EnrolmentTicket.Of(
        _control!.GetRequiredService<EnrolmentTokens>().Mint(role, Name),
        _control!.GetRequiredService<PeerDesk>().OwnAuthority);
}
