using AMA.Adapters.Hosting;
using AMA.Adapters.Hosting.Tls;
using AMA.Archive.Access;
using AMA.Archive.Ids;
using AMA.Archive.Keys;
using AMA.Archive.Keys.Leases;
using AMA.Grains.Interfaces.Control;
using Microsoft.Extensions.DependencyInjection;

namespace AMA.Grains.Archive.Leases;

/// <summary>
/// The silo's identity for one incarnation: the process's certificate, which renews itself, and a pair to which
/// Control seals leased keys (X25519 with ML-KEM-768); that one lives in memory only.
/// </summary>
public sealed class SiloIdentity(
    PeerCredentials credentials,
    [FromKeyedServices(ClusterNames.Control)] RemoteCluster control,
    IRandom random,
    TimeProvider time) : IDisposable
{
    private static readonly TimeSpan ConnectTimeMax = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _gate = new(1, 1);
    private long _incarnation;
    private LeaseKemPair? _kem;
    private PeerPapers? _before;
    private PeerPapers? _now;

    public Region Region => credentials.Region;

    /// <summary>The silo's name, as its certificate has it.</summary>
    public string Name => credentials.Papers.Identity.Name;

    /// <summary>What keys are sealed to; made at the first enrolment.</summary>
    public LeaseKemPair Kem => _kem ?? throw new InvalidOperationException("the silo is not enrolled");

    /// <summary>What Control's documents are verified with: the raw Ed25519 key.</summary>
    public byte[] SigningKey => credentials.Papers.SigningKey;

    /// <summary>Whom the region believes now; another one whenever Control says so.</summary>
    public PeerTrust PeerTrust => credentials.Trust;

    /// <summary>Registers this incarnation once. Throws while Control is away.</summary>
    public async Task EnsureAsync()
    {
        if (_incarnation != 0) return;
        await control.Ready.WaitAsync(ConnectTimeMax, time);
        await _gate.WaitAsync();
        try
        {
            if (_incarnation == 0) await RegisterAsync();
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>With the key of the certificate that the request shows, also while a renewal changes it.</summary>
    public byte[] Sign(LeaseRequest request)
    {
        var papers = new[] { _now, _before }.FirstOrDefault(own => own?.Certificate == request.Certificate);
        return (papers ?? throw new InvalidOperationException("the request shows an older certificate")).Sign(request);
    }

    /// <summary>A request of this silo, now; the caller fills in what it is about.</summary>
    public LeaseRequest Request(LeasePurpose purpose, TenantId? tenant) => new(
        Name, _incarnation, Kem.Suite, Kem.PublicKey, Current().Certificate, purpose, Region, tenant?.Value, [],
        AccessToken: null, Job: null, LeaseId: null, LeaseLimits.TtlSecondsMax, random.NextBytes(LeaseLimits.NonceBytes),
        time.GetUtcNow(), []);

    public void Dispose()
    {
        _kem?.Dispose();
        _gate.Dispose();
    }

    private PeerPapers Current()
    {
        var papers = credentials.Papers;
        if (!ReferenceEquals(papers, _now)) (_before, _now) = (_now, papers);
        return papers;
    }

    private async Task RegisterAsync()
    {
        _kem ??= LeaseKemPair.Create(LeaseSuite.Hybrid, random);
        var request = Request(LeasePurpose.Register, null);
        _incarnation = await control.Client.GetGrain<IIdentityGrain>(Region.Text()).RegisterIncarnation(Sign(request));
    }
}
