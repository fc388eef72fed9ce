using AMA.Adapters.Hosting;
using AMA.Archive.Access;
using AMA.Archive.Ids;
using AMA.Grains.Archive.Leases;
using AMA.Grains.Interfaces.Archive;
using AMA.Grains.Interfaces.Control;
using Microsoft.Extensions.DependencyInjection;

namespace AMA.Grains.Archive.Regions;

/// <summary>The region's tenants, as Control signed them. For the region's grain.</summary>
public sealed class RegionDirectory(
    SiloIdentity identity, [FromKeyedServices(ClusterNames.Control)] RemoteCluster control)
{
    private volatile PublishedTenant[]? _tenants;
    private DocumentsIssue? _issue;

    /// <summary>Control answered when it was asked last.</summary>
    public bool IsCurrent { get; private set; }

    private async Task<PublishedTenant[]> CurrentAsync()
    {
        await identity.EnsureAsync();
        var papers = control.Client.GetGrain<IDirectoryGrain>(identity.Region.Text());
        if (await papers.News(_issue) is not { } documents) return _tenants!;
        if (!DirectoryDocument.TryVerify(documents.Directory, identity.SigningKey, out var directory))
            throw new ArchiveException(ArchiveRefusal.Unavailable, "the directory is not signed by Control");
        _issue = documents.Issue;
        return _tenants = directory.Tenants;
    }

    /// <summary>While Control is away, the tenants there were; throws what its cluster throws when none are known.</summary>
    public async Task<PublishedTenant[]> KnownAsync()
    {
        try
        {
            var tenants = await CurrentAsync();
            IsCurrent = true;
            return tenants;
        }
        catch (Exception) when (_tenants is not null)
        {
            IsCurrent = false;
            return _tenants;
        }
    }
}
