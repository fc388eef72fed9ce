using System.Net;
using AMA.Adapters.Hosting.Identity;
using AMA.Adapters.Hosting.Tls;
using AMA.Archive.Access;
using AMA.Archive.Blobs;
using AMA.Archive.Ids;

namespace AMA.Adapters.Hosting.Programs;

/// <summary>
/// Who a process is: AMA:Identity:{Directory, Name, EnrolmentToken, EnrolmentEndpoint}. The token is needed once, for
/// the first certificate; from then on the identity's own file is enough.
/// </summary>
public sealed record IdentitySettings
{
    public required Region Region { get; init; }

    public required PeerRole Role { get; init; }

    /// <summary>Default "identity/{role}" in the data directory.</summary>
    public required string Directory { get; init; }

    /// <summary>[a-z0-9-], in the certificate; default "{role}-1".</summary>
    public required string Name { get; init; }

    public required IPEndPoint EnrolmentEndpoint { get; init; }

    public EnrolmentTicket? Ticket { get; init; }

    public static IdentitySettings Read(SettingsReader settings, PeerRole role, string dataDirectory)
    {
        var text = PeerIdentity.RoleText(role);
        var read = new IdentitySettings
        {
            Region = settings.Region("AMA:Region", Region.Eu),
            Role = role,
            Directory = Path.GetFullPath(
                settings.Text("AMA:Identity:Directory", Path.Combine(dataDirectory, "identity", text))),
            Name = settings.Text("AMA:Identity:Name", $"{text}-1"),
            EnrolmentEndpoint = settings.Endpoint(
                "AMA:Identity:EnrolmentEndpoint", new(IPAddress.Loopback, DefaultEnrolmentPort)),
            Ticket = ReadTicket(settings),
        };
        if (!PeerIdentity.IsName(read.Name))
            settings.Wrong("AMA:Identity:Name", "1 to 64 characters of a-z, 0-9 and - are allowed");
        if (read.Ticket is null && !IdentityFile.IsIn(read.Directory))
            settings.Problem($"There is no identity in {read.Directory}: AMA:Identity:EnrolmentToken is needed once. "
                + $"On Control's machine: ama control enroll --role {text} --name {read.Name}");
        return read;
    }

    public PeerKeeper NewKeeper(IDurableFiles files, TimeProvider time) => new(
        new PeerSource
        {
            Role = Role,
            Name = Name,
            Control = new EnrolmentClient(Region, EnrolmentEndpoint, time),
            File = new IdentityFile(Directory, files),
            Ticket = () => Ticket,
            IsTokenSet = Ticket is not null,
        },
        new PeerCredentials(Region, time), time);

    private const int DefaultEnrolmentPort = 7443;

    private static EnrolmentTicket? ReadTicket(SettingsReader settings)
    {
        const string key = "AMA:Identity:EnrolmentToken";
        if (settings.OptionalText(key) is not { } text) return null;
        if (EnrolmentTicket.TryParse(text, out var ticket)) return ticket;
        settings.Wrong(key, "a token that ama control enroll printed is allowed");
        return null;
    }
}
